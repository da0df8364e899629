#include "index/batch/batch_search.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

struct Searched {
  Searched(const RowFormat& format, uint32_t rows_count, size_t query_count, double offset, uint64_t seed)
      : rows(format.row_bytes(), rows_count) {
    Random random(seed);
    const auto draw = [&] {
      std::vector<float> values(format.dim);
      for (float& x : values) x = static_cast<float>(random.Gaussian() + offset);
      return values;
    };
    std::vector<std::byte> row(format.row_bytes());
    for (uint32_t i = 0; i < rows_count; ++i) {
      EXPECT_TRUE(EncodeRow(format, draw(), row.data()).ok());
      rows.Append(row.data());
    }
    for (size_t i = 0; i < query_count; ++i) queries.push_back(*Query::Make(format, draw()));
    for (const Query& query : queries) pointers.push_back(&query);
  }
  std::vector<std::vector<Neighbor>> Find(uint32_t begin, uint32_t end, const SearchParams& params) const {
    const std::vector<SearchParams> all(queries.size(), params);
    return ScanRangeForAll(pointers, rows.view(), LocalId{begin}, LocalId{end}, all);
  }

  GrowingRows rows;
  std::vector<Query> queries;
  std::vector<const Query*> pointers;
};

// In doubles, from the stored rows.
double ExactDistance(const RowFormat& format, const Query& query, const std::byte* row) {
  std::vector<float> values(format.dim);
  DecodeRow(format, row, values.data());
  const auto* asked = reinterpret_cast<const float*>(query.prepared());
  double sum = 0;
  for (size_t i = 0; i < format.dim; ++i) {
    const double a = asked[i], b = values[i];
    sum += format.distance == Distance::kL2 ? (a - b) * (a - b) : -a * b;
  }
  return sum;
}

// Each place of the answer is as near as the same place of the order by exact distances.
void ExpectExact(const RowFormat& format, const Searched& data, uint32_t end, size_t top_k) {
  const auto found = data.Find(0, end, {.top_k = top_k});
  ASSERT_EQ(found.size(), data.queries.size());
  for (size_t q = 0; q < found.size(); ++q) {
    std::vector<double> exact;
    for (uint32_t i = 0; i < end; ++i) {
      exact.push_back(ExactDistance(format, data.queries[q], data.rows.view().at(LocalId{i})));
    }
    std::sort(exact.begin(), exact.end());
    ASSERT_EQ(found[q].size(), std::min<size_t>(top_k, end));
    const double slack = 1e-6 * format.dim;
    for (size_t i = 0; i < found[q].size(); ++i) {
      const double there = ExactDistance(format, data.queries[q], data.rows.view().at(found[q][i].id));
      ASSERT_NEAR(there, exact[i], slack * (1 + std::abs(exact[i]))) << format.dim;
      ASSERT_NEAR(found[q][i].distance, there, slack * (1 + std::abs(there))) << format.dim;
    }
  }
}

class BatchSearch : public testing::TestWithParam<std::tuple<ElementType, Distance>> {
 protected:
  RowFormat Format(uint32_t dim) const { return {std::get<0>(GetParam()), std::get<1>(GetParam()), dim}; }
};

TEST_P(BatchSearch, FindsWhatDoublesFindAtEveryDimension) {
  std::vector<uint32_t> dims;
  for (uint32_t dim = 1; dim <= 130; ++dim) dims.push_back(dim);
  for (uint32_t dim : {768, 1'536}) dims.push_back(dim);
  for (const uint32_t dim : dims) {
    const RowFormat format = Format(dim);
    ASSERT_TRUE(CanScanForAll(format));
    ExpectExact(format, Searched(format, 301, 6, 0, dim), 301, 7);
  }
}

TEST_P(BatchSearch, WorksAcrossBlocksAndChunksAndForAnyCount) {
  const RowFormat format = Format(20);
  ExpectExact(format, Searched(format, 9'000, 5, 0, 1), 9'000, 10);
  ExpectExact(format, Searched(format, 300, 270, 0, 2), 300, 3);
  ExpectExact(format, Searched(format, 300, 4, 0, 3), 255, 999'999'999);
  const Searched few(format, 300, 3, 0, 4);
  for (const auto& none : few.Find(7, 7, {.top_k = 5})) EXPECT_TRUE(none.empty());
  for (const auto& none : few.Find(0, 300, {.top_k = 0})) EXPECT_TRUE(none.empty());
  EXPECT_TRUE(ScanRangeForAll({}, few.rows.view(), LocalId{0}, LocalId{9}, {}).empty());
}

TEST_P(BatchSearch, IsNotLedAstrayByACommonOffset) {
  const RowFormat format = Format(32);
  const Searched data(format, 600, 5, 3'000, 5);
  const auto found = data.Find(0, 600, {.top_k = 5});
  for (size_t q = 0; q < found.size(); ++q) {
    std::vector<Neighbor> all;
    for (uint32_t i = 0; i < 600; ++i) {
      all.push_back({data.queries[q].DistanceTo(data.rows.view().at(LocalId{i})), LocalId{i}});
    }
    std::sort(all.begin(), all.end());
    all.resize(5);
    EXPECT_EQ(found[q], all);
  }
}

TEST_P(BatchSearch, AsksTheAcceptorAndTheDeadline) {
  struct Odd final : Acceptor {
    bool Accepts(LocalId id) const override { return Raw(id) % 2 == 1; }
  } odd;
  const RowFormat format = Format(8);
  const Searched data(format, 500, 5, 0, 6);
  for (const auto& found : data.Find(0, 500, {.top_k = 30, .acceptor = &odd})) {
    EXPECT_EQ(found.size(), 30u);
    for (const Neighbor& neighbor : found) EXPECT_EQ(Raw(neighbor.id) % 2, 1u);
  }
  FakeClock clock;
  for (const auto& late : data.Find(0, 500, {.top_k = 5, .deadline = Deadline::AfterMs(&clock, 0)})) {
    EXPECT_TRUE(late.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, BatchSearch,
                         testing::Combine(testing::Values(ElementType::kF32, ElementType::kF16, ElementType::kBF16),
                                          testing::Values(Distance::kL2, Distance::kDot, Distance::kCosine)));

// Squares that no float holds, and products of which only some do.
TEST(BatchSearchExtremes, HugeVectorsAreStillMeasured) {
  const RowFormat format{ElementType::kF32, Distance::kL2, 2};
  GrowingRows rows(format.row_bytes(), 8);
  std::vector<std::byte> row(format.row_bytes());
  const std::vector<std::vector<float>> values = {{3e30f, 1e30f}, {1e30f, -1e30f}, {2e19f, 0}, {1e-25f, 0}};
  for (const auto& v : values) {
    ASSERT_TRUE(EncodeRow(format, v, row.data()).ok());
    rows.Append(row.data());
  }
  std::vector<Query> queries;
  for (const auto& v : {std::vector<float>{1e30f, -1e30f}, {1e19f, 0}, {2e-25f, 0}}) {
    queries.push_back(*Query::Make(format, v));
  }
  const std::vector<const Query*> pointers = {&queries[0], &queries[1], &queries[2]};
  const std::vector<SearchParams> params(3, SearchParams{.top_k = 1});
  const auto found = ScanRangeForAll(pointers, rows.view(), LocalId{0}, LocalId{4}, params);
  EXPECT_EQ(found[0].front(), (Neighbor{0, LocalId{1}}));
  EXPECT_EQ(Raw(found[1].front().id), 2u);  // as far as the row near zero, by id
  EXPECT_EQ(Raw(found[2].front().id), 3u);
}

TEST(CanScanForAll, IsForFloatsAndProducts) {
  EXPECT_FALSE(CanScanForAll({ElementType::kU8, Distance::kL2, 8}));
  EXPECT_FALSE(CanScanForAll({ElementType::kF32, Distance::kL1, 8}));
  EXPECT_FALSE(CanScanForAll({ElementType::kF32, Distance::kL2, 0}));
}

}  // namespace
}  // namespace lineal::index
