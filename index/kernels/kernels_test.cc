#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bfloat16.h"
#include "base/half.h"
#include "base/random.h"
#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

struct Pair {
  Operands operands;
  size_t query_bytes, row_bytes;
};
constexpr Pair kPairs[] = {{Operands::kF32F32, 4, 4}, {Operands::kF32F16, 4, 2},  {Operands::kF16F16, 2, 2},
                           {Operands::kU8U8, 1, 1},   {Operands::kF32BF16, 4, 2}, {Operands::kBF16BF16, 2, 2}};

bool IsBfloat16(const Pair& pair) {
  return pair.operands == Operands::kF32BF16 || pair.operands == Operands::kBF16BF16;
}

// Exactly `dim` components at the end of an allocation of their own, so that a sanitizer sees a read too far; at an odd
// offset from any alignment.
std::vector<std::byte> MakeVector(size_t element_bytes, size_t dim, Random* random, bool bfloat16 = false) {
  std::vector<std::byte> bytes(dim * element_bytes);
  for (size_t i = 0; i < dim; ++i) {
    const float value = static_cast<float>(random->Gaussian());
    std::byte* at = bytes.data() + i * element_bytes;
    if (element_bytes == 4) {
      std::memcpy(at, &value, 4);
    } else if (element_bytes == 2) {
      const uint16_t half = bfloat16 ? Bfloat16FromFloat(value) : HalfFromFloat(value);
      std::memcpy(at, &half, 2);
    } else {
      *at = static_cast<std::byte>(random->OneIn(4) ? 255 : random->Below(256));
    }
  }
  return bytes;
}

// Every length to four of the widest registers of bytes and one more, and two that are common.
std::vector<size_t> DimsToTry() {
  std::vector<size_t> dims;
  for (size_t dim = 0; dim <= 4 * 64 + 1; ++dim) dims.push_back(dim);
  dims.push_back(768);
  dims.push_back(1'536);
  return dims;
}

double Tolerance(const Pair& pair, size_t dim, float expected) {
  if (pair.operands == Operands::kU8U8) return 0;
  return 1e-5 * (std::abs(expected) + std::sqrt(static_cast<double>(dim)));
}

class KernelSet : public testing::TestWithParam<const KernelTable*> {};

TEST_P(KernelSet, AgreesWithTheReferenceAtEveryLength) {
  Random random(7);
  for (const Pair& pair : kPairs) {
    for (Sum sum : {Sum::kL2, Sum::kDot, Sum::kL1}) {
      const Kernel& kernel = KernelOf(*GetParam(), pair.operands, sum);
      const Kernel& reference = KernelOf(kReferenceKernels, pair.operands, sum);
      for (size_t dim : DimsToTry()) {
        const std::vector<std::byte> query = MakeVector(pair.query_bytes, dim, &random, IsBfloat16(pair));
        std::vector<std::byte> rows[4];
        const std::byte* at[4];
        for (int i = 0; i < 4; ++i)
          at[i] = (rows[i] = MakeVector(pair.row_bytes, dim, &random, IsBfloat16(pair))).data();
        float four[4] = {-1, -1, -1, -1};
        if (kernel.four) kernel.four(query.data(), at, dim, four);
        for (int i = 0; i < 4; ++i) {
          const float expected = reference.one(query.data(), at[i], dim);
          const double tolerance = Tolerance(pair, dim, expected);
          if (kernel.one) {
            ASSERT_NEAR(kernel.one(query.data(), at[i], dim), expected, tolerance) << dim;
          }
          if (kernel.four) {
            ASSERT_NEAR(four[i], expected, tolerance) << dim;
          }
          if (kernel.one && kernel.four) {
            ASSERT_EQ(kernel.one(query.data(), at[i], dim), four[i]) << dim;
          }
        }
      }
    }
  }
}

TEST_P(KernelSet, SumsCodesAsTheReferenceDoes) {
  if (GetParam()->code_dot == nullptr) return;
  Random random(8);
  for (size_t dim : {size_t{0}, kCodeBlock, 3 * kCodeBlock, kCodeDimMax}) {
    for (const bool extreme : {false, true}) {
      const std::vector<std::byte> query = extreme ? std::vector(dim, std::byte{255}) : MakeVector(1, dim, &random);
      std::vector<std::byte> rows[4];
      const std::byte* at[4];
      for (int i = 0; i < 4; ++i) {
        rows[i] = extreme && i < 2 ? std::vector(dim, static_cast<std::byte>(i == 0 ? 128 : 127))
                                   : MakeVector(1, dim, &random);
        at[i] = rows[i].data();
      }
      int32_t found[4], expected[4];
      GetParam()->code_dot(query.data(), at, dim, found);
      kReferenceKernels.code_dot(query.data(), at, dim, expected);
      for (int i = 0; i < 4; ++i) ASSERT_EQ(found[i], expected[i]) << dim;
    }
  }
}

// The oracle takes each code by itself, in another order than any kernel.
TEST_P(KernelSet, SumsPackedCodes) {
  Random random(12);
  for (const uint32_t bits : {8u, 4u, 2u}) {
    const PackedDotFour dot = GetParam()->packed_dots[PackedWidth(bits)];
    if (dot == nullptr) continue;
    const size_t planes = 8 / bits;
    std::vector<size_t> sizes;
    for (size_t bytes = 0; bytes <= 5 * 64; bytes += kPackedBlock) sizes.push_back(bytes);
    sizes.push_back(kCodeDimMax / planes);
    for (const size_t bytes : sizes) {
      for (const bool extreme : {false, true}) {
        std::vector<std::byte> query(bytes * planes), rows[4];
        for (auto& x : query) x = static_cast<std::byte>(extreme ? 0x80 : random.Below(256));
        const std::byte* at[4];
        for (int i = 0; i < 4; ++i) {
          rows[i].resize(bytes);
          for (auto& x : rows[i]) x = static_cast<std::byte>(extreme && i < 2 ? 255 : random.Below(256));
          at[i] = rows[i].data();
        }
        int32_t found[4];
        dot(query.data(), at, bytes, found);
        for (int i = 0; i < 4; ++i) {
          int64_t expected = 0;
          for (size_t j = 0; j < bytes; ++j) {
            for (size_t plane = 0; plane < planes; ++plane) {
              const auto q = static_cast<int8_t>(std::to_integer<uint8_t>(query[plane * bytes + j]));
              expected += q * ((std::to_integer<int64_t>(rows[i][j]) >> plane * bits) % (int64_t{1} << bits));
            }
          }
          ASSERT_EQ(found[i], expected) << bits << " bits, " << bytes << " bytes";
        }
      }
    }
  }
}

TEST_P(KernelSet, ScansBlocksAsTheReferenceDoes) {
  constexpr uint16_t kOne = 0x3f80, kMinusOne = 0xbf80;  // upper halves of floats
  if (GetParam()->scan_blocks == nullptr) return;
  Random random(9);
  for (size_t groups : {4, 8, 28, 192, 384}) {
    const size_t greatest = std::min<size_t>(255, 65'535 / groups);
    for (const bool extreme : {false, true}) {
      std::vector<std::byte> tables(groups * 16), block(3 * ScanBlockBytes(groups));
      for (auto& entry : tables) entry = static_cast<std::byte>(extreme ? greatest : random.Below(greatest + 1));
      for (auto& pair : block) pair = static_cast<std::byte>(random.Below(256));
      for (size_t i = 0; i < 3 * kScanRows; ++i) {
        const size_t row = i % kScanRows;
        std::byte* terms = block.data() + i / kScanRows * ScanBlockBytes(groups) + groups * 16;
        const float addend = row == 5 ? std::numeric_limits<float>::infinity() : static_cast<float>(random.Unit());
        std::memcpy(terms + row * 4, &addend, sizeof addend);
        std::memcpy(terms + kScanRows * 4 + row * 2, &kMinusOne, sizeof kMinusOne);
        std::memcpy(terms + kScanRows * 6 + row * 2, &kOne, sizeof kOne);
      }
      const float mean = static_cast<float>(greatest * groups) / 2;
      const ScanQuery query{tables.data(), groups, 0.5f, 1, 3, 0.25f};
      for (float threshold : {-0.5f * mean, -0.49f * mean, -0.51f * mean, std::numeric_limits<float>::infinity()}) {
        uint32_t found[3], expected[3];
        GetParam()->scan_blocks(query, block.data(), 3, threshold, found);
        kReferenceKernels.scan_blocks(query, block.data(), 3, threshold, expected);
        for (int i = 0; i < 3; ++i) {
          ASSERT_EQ(found[i], expected[i]) << groups << " " << threshold;
          ASSERT_EQ(found[i] >> 5 & 1, 0u);
        }
        float lower[3 * kScanRows];
        GetParam()->scan_bounds(query, block.data(), 3, lower);
        for (size_t i = 0; i < 3 * kScanRows; ++i) {
          ASSERT_EQ(lower[i] < threshold, (found[i / kScanRows] >> i % kScanRows & 1) != 0) << groups << " row " << i;
        }
      }
    }
  }
}

TEST_P(KernelSet, SumsBytesOfLongVectorsWithoutOverflow) {
  const size_t dim = 65'536;
  const std::vector<std::byte> zeroes(dim), full(dim, std::byte{255});
  const std::byte* rows[4] = {full.data(), zeroes.data(), full.data(), zeroes.data()};
  const float squares = 255.0f * 255.0f * 65'536.0f;
  for (auto [sum, same, different] : {std::tuple(Sum::kL2, 0.0f, squares), std::tuple(Sum::kDot, squares, 0.0f),
                                      std::tuple(Sum::kL1, 0.0f, 255.0f * 65'536.0f)}) {
    const Kernel& kernel = KernelOf(*GetParam(), Operands::kU8U8, sum);
    if (!kernel.one || !kernel.four) continue;
    EXPECT_EQ(kernel.one(full.data(), full.data(), dim), same);
    EXPECT_EQ(kernel.one(full.data(), zeroes.data(), dim), different);
    float out[4];
    kernel.four(full.data(), rows, dim, out);
    EXPECT_EQ(out[0], same);
    EXPECT_EQ(out[3], different);
  }
}

TEST_P(KernelSet, MakesTilesThatAgreeWithTheReference) {
  Random random(9);
  for (const Pair& pair : kPairs) {
    const auto kind = static_cast<size_t>(pair.operands);
    const DotTile tile = GetParam()->dot_tiles[kind], reference = kReferenceKernels.dot_tiles[kind];
    if (tile == nullptr) continue;
    ASSERT_NE(reference, nullptr);
    for (size_t dim : DimsToTry()) {
      std::vector<std::byte> left[4], rows[4];
      const std::byte *left_at[4], *rows_at[4];
      for (int i = 0; i < 4; ++i)
        left_at[i] = (left[i] = MakeVector(pair.query_bytes, dim, &random, IsBfloat16(pair))).data();
      for (int i = 0; i < 4; ++i)
        rows_at[i] = (rows[i] = MakeVector(pair.row_bytes, dim, &random, IsBfloat16(pair))).data();
      // The last number of each line of five stays as it is.
      float found[20], expected[20];
      std::fill(found, found + 20, -1.0f);
      std::fill(expected, expected + 20, -1.0f);
      tile(left_at, rows_at, dim, found, 5);
      reference(left_at, rows_at, dim, expected, 5);
      for (int i = 0; i < 20; ++i) ASSERT_NEAR(found[i], expected[i], Tolerance(pair, dim, expected[i])) << dim;
    }
  }
}

// Whole numbers, so that every set computes the same bounds.
TEST_P(KernelSet, FindsBoundsAsTheReferenceDoes) {
  if (GetParam()->least_bound == nullptr) return;
  Random random(10);
  for (size_t count = 0; count <= 70; ++count) {
    std::vector<float> parts(count), dots(count);
    for (float& x : parts) x = static_cast<float>(random.Below(40));
    for (float& x : dots) x = static_cast<float>(random.Below(40));
    if (count > 4) parts[count / 2] = std::numeric_limits<float>::quiet_NaN();
    const DotBounds bounds{parts.data(), dots.data(), 3, 2, count};
    const auto bound = [&](size_t j) { return parts[j] * 3 - dots[j] * 2; };
    if (count > 0) {
      EXPECT_EQ(bound(GetParam()->least_bound(bounds)), bound(kReferenceKernels.least_bound(bounds))) << count;
    }
    for (const float limit : {-200.0f, 0.0f, 7.0f, 200.0f}) {
      std::vector<uint32_t> found(count), expected;
      found.resize(GetParam()->bounds_within(bounds, limit, found.data()));
      for (uint32_t j = 0; j < count; ++j) {
        if (!(bound(j) > limit)) expected.push_back(j);
      }
      EXPECT_EQ(found, expected) << count;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Machine, KernelSet, testing::ValuesIn(SupportedKernels()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST(ActiveKernels, AreCompleteWhateverSetIsNamed) {
  for (const char* name : {"", "reference", "avx2", "avx512", "no such set"}) {
    const KernelTable table = MergeKernels(name);
    for (const Pair& pair : kPairs) {
      for (Sum sum : {Sum::kL2, Sum::kDot, Sum::kL1}) {
        EXPECT_NE(KernelOf(table, pair.operands, sum).one, nullptr);
        EXPECT_NE(KernelOf(table, pair.operands, sum).four, nullptr);
      }
    }
    EXPECT_NE(table.code_dot, nullptr);
    EXPECT_NE(table.scan_blocks, nullptr);
    for (const PackedDotFour dot : table.packed_dots) EXPECT_NE(dot, nullptr);
    EXPECT_NE(table.least_bound, nullptr);
    EXPECT_NE(table.bounds_within, nullptr);
    EXPECT_NE(table.dot_tiles[static_cast<size_t>(Operands::kF32F32)], nullptr);
    EXPECT_NE(table.dot_tiles[static_cast<size_t>(Operands::kF32F16)], nullptr);
    EXPECT_NE(table.dot_tiles[static_cast<size_t>(Operands::kF32BF16)], nullptr);
  }
}

TEST(ActiveKernels, StartAtTheNamedSet) {
  for (const KernelTable* table : SupportedKernels()) EXPECT_STREQ(MergeKernels(table->name).name, table->name);
  EXPECT_EQ(KernelOf(MergeKernels("reference"), Operands::kF32F32, Sum::kL2).one,
            KernelOf(kReferenceKernels, Operands::kF32F32, Sum::kL2).one);
}

}  // namespace
}  // namespace lineal::index
