// Plain loops with double accumulators: the oracle for every other set, and what runs where no other set does.
#include <bit>
#include <cmath>

#include "base/bfloat16.h"
#include "base/coding.h"
#include "base/half.h"
#include "index/kernels/kernel_table.h"

namespace lineal::index {
namespace {

struct F32 {
  static double At(const std::byte* row, size_t i) { return LoadFixed<float>(row + i * sizeof(float)); }
};
struct F16 {
  static double At(const std::byte* row, size_t i) { return FloatFromHalf(LoadFixed<uint16_t>(row + i * 2)); }
};
struct BF16 {
  static double At(const std::byte* row, size_t i) { return FloatFromBfloat16(LoadFixed<uint16_t>(row + i * 2)); }
};
struct U8 {
  static double At(const std::byte* row, size_t i) { return std::to_integer<int>(row[i]); }
};

struct L2 {
  static double Term(double a, double b) { return (a - b) * (a - b); }
};
struct Dot {
  static double Term(double a, double b) { return a * b; }
};
struct L1 {
  static double Term(double a, double b) { return std::abs(a - b); }
};

template <class Op, class A, class B>
float One(const std::byte* query, const std::byte* row, size_t dim) {
  double sum = 0;
  for (size_t i = 0; i < dim; ++i) sum += Op::Term(A::At(query, i), B::At(row, i));
  return static_cast<float>(sum);
}

template <class Op, class A, class B>
void Four(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  for (int i = 0; i < 4; ++i) out[i] = One<Op, A, B>(query, rows[i], dim);
}

template <class Op, class A, class B>
constexpr Kernel kKernel = {One<Op, A, B>, Four<Op, A, B>};

void CodeDot(const std::byte* query, const std::byte* const* rows, size_t dim, int32_t* out) {
  for (int row = 0; row < 4; ++row) {
    out[row] = 0;
    for (size_t i = 0; i < dim; ++i) {
      out[row] += std::to_integer<int32_t>(query[i]) * static_cast<int8_t>(std::to_integer<uint8_t>(rows[row][i]));
    }
  }
}

template <uint32_t kBits>
void PackedDot(const std::byte* query, const std::byte* const* rows, size_t bytes, int32_t* out) {
  for (int row = 0; row < 4; ++row) {
    out[row] = 0;
    for (size_t i = 0; i < bytes * (8 / kBits); ++i) {
      const uint32_t code = std::to_integer<uint32_t>(rows[row][i % bytes]) >> i / bytes * kBits & ((1u << kBits) - 1);
      out[row] += static_cast<int8_t>(std::to_integer<uint8_t>(query[i])) * static_cast<int32_t>(code);
    }
  }
}

void BoundsOf(const ScanQuery& query, const std::byte* block, float* lower) {
  const std::byte* addends = block + query.groups * 16;
  const std::byte* factors = addends + kScanRows * sizeof(float);
  const std::byte* errors = factors + kScanRows * sizeof(uint16_t);
  const auto half = [](const std::byte* at) {
    return std::bit_cast<float>(static_cast<uint32_t>(LoadFixed<uint16_t>(at)) << 16);
  };
  for (size_t row = 0; row < kScanRows; ++row) {
    uint32_t sum = 0;
    for (size_t group = 0; group < query.groups; ++group) {
      const auto pair = std::to_integer<uint32_t>(block[group * 16 + row % 16]);
      sum += std::to_integer<uint32_t>(query.tables[group * 16 + (row < 16 ? pair & 15 : pair >> 4)]);
    }
    const float estimate = LoadFixed<float>(addends + row * sizeof(float)) + query.offset +
                           half(factors + row * 2) * (query.scale * static_cast<float>(sum) + query.bias);
    lower[row] = estimate - query.spread * half(errors + row * 2);
  }
}

template <class A, class B>
void Tile(const std::byte* const* left, const std::byte* const* rows, size_t dim, float* out, size_t stride) {
  for (size_t i = 0; i < 4; ++i) Four<Dot, A, B>(left[i], rows, dim, out + i * stride);
}

size_t Least(const DotBounds& bounds) {
  size_t at = 0;
  float least = HUGE_VALF;
  for (size_t j = 0; j < bounds.count; ++j) {
    const float bound = bounds.parts[j] * bounds.part_scale - bounds.dots[j] * bounds.dot_scale;
    if (bound < least) least = bound, at = j;
  }
  return at;
}

size_t Within(const DotBounds& bounds, float limit, uint32_t* positions) {
  size_t found = 0;
  for (size_t j = 0; j < bounds.count; ++j) {
    const float bound = bounds.parts[j] * bounds.part_scale - bounds.dots[j] * bounds.dot_scale;
    if (!(bound > limit)) positions[found++] = static_cast<uint32_t>(j);
  }
  return found;
}

void ScanForBounds(const ScanQuery& query, const std::byte* blocks, size_t count, float* lower) {
  for (size_t i = 0; i < count; ++i) {
    BoundsOf(query, blocks + i * ScanBlockBytes(query.groups), lower + i * kScanRows);
  }
}

void Scan(const ScanQuery& query, const std::byte* blocks, size_t count, float threshold, uint32_t* found) {
  for (size_t i = 0; i < count; ++i) {
    float lower[kScanRows];
    BoundsOf(query, blocks + i * ScanBlockBytes(query.groups), lower);
    found[i] = 0;
    for (size_t row = 0; row < kScanRows; ++row) found[i] |= uint32_t{lower[row] < threshold} << row;
  }
}

}  // namespace

constinit const KernelTable kReferenceKernels = {
    "reference",
    {{kKernel<L2, F32, F32>, kKernel<Dot, F32, F32>, kKernel<L1, F32, F32>},
     {kKernel<L2, F32, F16>, kKernel<Dot, F32, F16>, kKernel<L1, F32, F16>},
     {kKernel<L2, F16, F16>, kKernel<Dot, F16, F16>, kKernel<L1, F16, F16>},
     {kKernel<L2, U8, U8>, kKernel<Dot, U8, U8>, kKernel<L1, U8, U8>},
     {kKernel<L2, F32, BF16>, kKernel<Dot, F32, BF16>, kKernel<L1, F32, BF16>},
     {kKernel<L2, BF16, BF16>, kKernel<Dot, BF16, BF16>, kKernel<L1, BF16, BF16>}},
    CodeDot,
    Scan,
    ScanForBounds,
    {Tile<F32, F32>, Tile<F32, F16>, nullptr, nullptr, Tile<F32, BF16>, nullptr},
    Least,
    Within,
    {PackedDot<8>, PackedDot<4>, PackedDot<2>}};

}  // namespace lineal::index
