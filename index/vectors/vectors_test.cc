#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/status.h"
#include "index/vectors/growing_rows.h"
#include "index/vectors/query.h"
#include "index/vectors/row_format.h"

namespace lineal::index {
namespace {

constexpr ElementType kTypes[] = {ElementType::kF32, ElementType::kF16, ElementType::kU8, ElementType::kBF16};
constexpr Distance kDistances[] = {Distance::kL2, Distance::kDot, Distance::kCosine, Distance::kL1};

std::vector<float> RandomValues(size_t dim, Random* random) {
  std::vector<float> values(dim);
  for (float& value : values) value = static_cast<float>(random->Below(256));
  return values;
}

std::vector<std::byte> Encoded(const RowFormat& format, const std::vector<float>& values) {
  std::vector<std::byte> row(format.row_bytes(), std::byte{0xee});
  EXPECT_TRUE(EncodeRow(format, values, row.data()).ok());
  return row;
}

double Expected(Distance distance, const std::vector<float>& a, const std::vector<float>& b) {
  double l2 = 0, dot = 0, l1 = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    l2 += (a[i] - b[i]) * (a[i] - b[i]);
    l1 += std::abs(a[i] - b[i]);
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  switch (distance) {
    case Distance::kL2:
      return l2;
    case Distance::kDot:
      return -dot;
    case Distance::kCosine:
      return -dot / std::sqrt(aa * bb);
    case Distance::kL1:
      return l1;
  }
  return 0;
}

TEST(RowFormat, RowBytesAreAMultipleOfFourAndHoldTheNormOfByteCosine) {
  EXPECT_EQ((RowFormat{ElementType::kF32, Distance::kCosine, 5}.row_bytes()), 20u);
  EXPECT_EQ((RowFormat{ElementType::kF16, Distance::kL2, 5}.row_bytes()), 12u);
  EXPECT_EQ((RowFormat{ElementType::kU8, Distance::kL2, 5}.row_bytes()), 8u);
  EXPECT_EQ((RowFormat{ElementType::kU8, Distance::kCosine, 5}.row_bytes()), 12u);
}

TEST(Query, EveryWayToADistanceAgreesWithTheDefinition) {
  Random random(3);
  for (ElementType type : kTypes) {
    for (Distance distance : kDistances) {
      for (uint32_t dim : {1u, 3u, 17u, 64u, 100u}) {
        SCOPED_TRACE(testing::Message() << int(type) << " " << int(distance) << " " << dim);
        const RowFormat format{type, distance, dim};
        const std::vector<float> a = RandomValues(dim, &random);
        const auto query = Query::Make(format, a);
        ASSERT_TRUE(query.ok());
        const std::vector<std::byte> encoded = Encoded(format, a);
        std::vector<std::byte> run;
        std::vector<double> expected;
        for (int i = 0; i < 7; ++i) {
          const std::vector<float> b = RandomValues(dim, &random);
          const std::vector<std::byte> row = Encoded(format, b);
          run.insert(run.end(), row.begin(), row.end());
          expected.push_back(Expected(distance, a, b));
        }
        std::vector<const std::byte*> rows;
        for (int i = 0; i < 7; ++i) rows.push_back(run.data() + i * format.row_bytes());
        std::vector<float> many(7), in_run(7);
        query->DistanceToMany(rows.data(), 7, many.data());
        query->DistanceToRun(run.data(), 7, in_run.data());
        const Query by_row = Query::FromRow(format, encoded.data());
        for (int i = 0; i < 7; ++i) {
          const double tolerance = 2e-3 * std::abs(expected[i]) + 2e-3;  // f16 cosine rounds the components
          EXPECT_NEAR(many[i], expected[i], tolerance);
          EXPECT_FLOAT_EQ(in_run[i], many[i]);
          EXPECT_NEAR(query->DistanceTo(rows[i]), many[i], 1e-5 * std::abs(expected[i]));
          EXPECT_NEAR(by_row.DistanceTo(rows[i]), expected[i], tolerance);
          EXPECT_NEAR(DistanceBetween(format, encoded.data(), rows[i]), expected[i], tolerance);
        }
      }
    }
  }
}

TEST(EncodeRow, KeepsTheComponentsAndTellsTheNorm) {
  const std::vector<float> values = {3, 0, 4};
  for (ElementType type : kTypes) {
    for (Distance distance : kDistances) {
      const RowFormat format{type, distance, 3};
      std::vector<std::byte> row(format.row_bytes());
      float norm = 0;
      ASSERT_TRUE(EncodeRow(format, values, row.data(), &norm).ok());
      EXPECT_EQ(norm, 5);
      float decoded[3];
      DecodeRow(format, row.data(), decoded);
      const float scale = distance == Distance::kCosine && type != ElementType::kU8 ? 5 : 1;
      for (int i = 0; i < 3; ++i) EXPECT_NEAR(decoded[i] * scale, values[i], 1e-2);
    }
  }
}

TEST(EncodeRow, GivesEqualBytesForEqualValuesWhateverTheBufferHeld) {
  for (ElementType type : kTypes) {
    for (Distance distance : kDistances) {
      const RowFormat format{type, distance, 5};
      std::vector<std::byte> one(format.row_bytes(), std::byte{0x00}), other(format.row_bytes(), std::byte{0xff});
      ASSERT_TRUE(EncodeRow(format, std::vector<float>{1, 2, 3, 4, 5}, one.data()).ok());
      ASSERT_TRUE(EncodeRow(format, std::vector<float>{1, 2, 3, 4, 5}, other.data()).ok());
      EXPECT_EQ(one, other);
    }
  }
}

TEST(EncodeRow, RefusesWhatItCannotHold) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  std::byte row[64];
  const auto refused = [&](ElementType type, Distance distance, std::vector<float> values) {
    const RowFormat format{type, distance, 2};
    const absl::Status status = EncodeRow(format, values, row);
    EXPECT_EQ(Query::Make(format, values).status().code(), status.code());
    return status.code() == absl::StatusCode::kInvalidArgument;
  };
  for (ElementType type : kTypes) {
    for (Distance distance : kDistances) {
      EXPECT_TRUE(refused(type, distance, {1, nan}));
      EXPECT_TRUE(refused(type, distance, {inf, 1}));
      EXPECT_TRUE(refused(type, distance, {1, 2, 3}));
      EXPECT_TRUE(refused(type, distance, {}));
      EXPECT_FALSE(refused(type, distance, {1, 2}));
    }
    EXPECT_TRUE(refused(type, Distance::kCosine, {0, 0}));
    EXPECT_FALSE(refused(type, Distance::kDot, {0, 0}));
  }
  EXPECT_TRUE(refused(ElementType::kF16, Distance::kL2, {65'520, 0}));
  EXPECT_FALSE(refused(ElementType::kF16, Distance::kL2, {65'519, 0}));
  EXPECT_FALSE(refused(ElementType::kF16, Distance::kCosine, {1e30f, 1e30f}));
  EXPECT_TRUE(refused(ElementType::kBF16, Distance::kL2, {std::numeric_limits<float>::max(), 0}));
  EXPECT_FALSE(refused(ElementType::kBF16, Distance::kL2, {0x1.fep127f, 65'520}));
  EXPECT_TRUE(refused(ElementType::kU8, Distance::kL2, {-1, 0}));
  EXPECT_TRUE(refused(ElementType::kU8, Distance::kL2, {256, 0}));
  EXPECT_FALSE(refused(ElementType::kU8, Distance::kL2, {254.7f, 0.2f}));
  EXPECT_TRUE(refused(ElementType::kU8, Distance::kCosine, {0.2f, 0.3f}));
}

TEST(Score, IsWhatAUserSeesAndComesBack) {
  EXPECT_EQ(ScoreOfDistance(Distance::kL2, 25), 5);
  EXPECT_EQ(ScoreOfDistance(Distance::kCosine, -0.5f), 0.5f);
  EXPECT_FALSE(std::signbit(ScoreOfDistance(Distance::kDot, 0)));
  for (Distance distance : kDistances) EXPECT_EQ(DistanceOfScore(distance, ScoreOfDistance(distance, 4)), 4);
}

TEST(GrowingRows, KeepAddressesAndContentsOverChunks) {
  GrowingRows rows(8, 10'000);
  const RowView view = rows.view();
  std::vector<const std::byte*> addresses;
  for (uint64_t i = 0; i < 10'000; ++i) {
    EXPECT_EQ(Raw(rows.Append(i % 7 == 0 ? nullptr : reinterpret_cast<const std::byte*>(&i))), i);
    addresses.push_back(view.at(LocalId{static_cast<uint32_t>(i)}));
  }
  EXPECT_EQ(rows.size(), 10'000u);
  for (uint64_t i = 0; i < 10'000; ++i) {
    EXPECT_EQ(view.at(LocalId{static_cast<uint32_t>(i)}), addresses[i]);
    EXPECT_EQ(LoadFixed<uint64_t>(addresses[i]), i % 7 == 0 ? 0 : i);
  }
  EXPECT_EQ(view.rows_left_in_chunk(LocalId{4'095}), 1u);
  EXPECT_GE(rows.memory_bytes(), 80'000u);
}

TEST(RegionRows, AreOneLongRun) {
  std::vector<std::byte> bytes(100 * 12);
  RegionRows rows(bytes.data(), 12);
  EXPECT_EQ(rows.view().at(LocalId{99}), bytes.data() + 99 * 12);
  EXPECT_GT(rows.view().rows_left_in_chunk(LocalId{5}), 1'000'000u);
}

}  // namespace
}  // namespace lineal::index
