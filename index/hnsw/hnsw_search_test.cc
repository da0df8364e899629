#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "index/flat/flat_search.h"
#include "index/hnsw/hnsw_test_data.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 4'000;

class EveryNth : public Acceptor {
 public:
  explicit EveryNth(uint32_t n) : n_(n) {}
  bool Accepts(LocalId id) const override { return Raw(id) % n_ == 0; }

 private:
  uint32_t n_;
};

std::unique_ptr<HnswIndex> Build(const TestRows& rows, const HnswParams& params = {}) {
  auto index = HnswIndex::Create(rows.format(), params, rows.view(), rows.count());
  EXPECT_TRUE(index->Insert(rows.Ids(0, rows.count()), {}).ok());
  return index;
}

double Recall(const HnswIndex& index, const TestRows& rows, const SearchParams& params) {
  size_t found = 0, wanted = 0;
  for (uint32_t i = 0; i < TestRows::kQueries; ++i) {
    const Query query = rows.QueryOf(rows.count() + i);
    const std::vector<Neighbor> exact = ScanRange(query, rows.view(), LocalId{0}, LocalId{rows.count()}, params);
    const std::vector<Neighbor> approximate = index.Search(query, params);
    EXPECT_TRUE(std::is_sorted(approximate.begin(), approximate.end()));
    wanted += exact.size();
    // By distance, so that one of several equally near rows is as good as another.
    for (const Neighbor& neighbor : approximate) found += neighbor.distance <= exact.back().distance;
  }
  return static_cast<double>(found) / static_cast<double>(wanted);
}

struct Case {
  RowFormat format;
  std::string name;
};
std::vector<Case> Cases() {
  std::vector<Case> cases;
  const char* types[] = {"F32", "F16", "U8", "BF16"};
  const char* distances[] = {"L2", "Dot", "Cosine", "L1"};
  for (int type = 0; type < 4; ++type) {
    for (int distance = 0; distance < 4; ++distance) {
      cases.push_back({{static_cast<ElementType>(type), static_cast<Distance>(distance), 24},
                       std::string(types[type]) + distances[distance]});
    }
  }
  return cases;
}

class HnswRecall : public testing::TestWithParam<Case> {};

TEST_P(HnswRecall, IsHighOnClusteredRows) {
  const TestRows rows(GetParam().format, kRows, 11);
  const auto index = Build(rows);
  EXPECT_EQ(index->size(), kRows);
  EXPECT_GE(Recall(*index, rows, {.top_k = 10, .ef_search = 100}), 0.98);
}

TEST_P(HnswRecall, IsHighUnderAFilter) {
  const TestRows rows(GetParam().format, kRows, 12);
  const auto index = Build(rows);
  for (uint32_t n : {2, 10, 100}) {
    const EveryNth acceptor(n);
    const SearchParams params{.top_k = 10, .ef_search = 64, .acceptor = &acceptor};
    EXPECT_GE(Recall(*index, rows, params), 0.97) << "1 in " << n;
    for (const Neighbor& found : index->Search(rows.QueryOf(kRows), params)) EXPECT_EQ(Raw(found.id) % n, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, HnswRecall, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

class HnswSearch : public testing::Test {
 protected:
  const TestRows rows_{{ElementType::kF32, Distance::kL2, 16}, 2'000, 3};
};

TEST_F(HnswSearch, OfAnEmptyGraphFindsNothing) {
  const auto index = HnswIndex::Create(rows_.format(), {}, rows_.view(), 10);
  EXPECT_TRUE(index->Search(rows_.QueryOf(0), {}).empty());
  EXPECT_FALSE(index->Contains(LocalId{0}));
  EXPECT_FALSE(index->Contains(LocalId{10}));
}

TEST_F(HnswSearch, FindsAllRowsWhenAskedForMoreThanThereAre) {
  const auto index = Build(rows_);
  for (const SearchParams& params :
       {SearchParams{.top_k = 999'999'999}, SearchParams{.top_k = 2'000, .ef_search = 1}}) {
    const std::vector<Neighbor> found = index->Search(rows_.QueryOf(1), params);
    EXPECT_EQ(found, ScanRange(rows_.QueryOf(1), rows_.view(), LocalId{0}, LocalId{2'000}, params));
  }
}

TEST_F(HnswSearch, GivesTheSameGraphForTheSameSeedOnOneThread) {
  EXPECT_EQ(SavedImage(*Build(rows_), 1), SavedImage(*Build(rows_), 1));
  EXPECT_NE(SavedImage(*Build(rows_), 1), SavedImage(*Build(rows_, {.seed = 2}), 1));
}

TEST_F(HnswSearch, StopsEarlyWhenTheDeadlineHasPassed) {
  const auto index = Build(rows_);
  FakeClock clock;
  const SearchParams params{.top_k = 10, .deadline = Deadline::AfterMs(&clock, 1)};
  EXPECT_EQ(index->Search(rows_.QueryOf(5), params).size(), 10u);
  clock.AdvanceMs(2);
  EXPECT_TRUE(index->Search(rows_.QueryOf(5), params).empty());
}

TEST_F(HnswSearch, FindsEveryRowAmongManyEqualOnes) {
  // 600 rows of three values: links must not stay inside one heap of duplicates.
  const RowFormat format{ElementType::kF32, Distance::kL2, 2};
  GrowingRows rows(format.row_bytes(), 600);
  for (uint32_t i = 0; i < 600; ++i) {
    std::byte row[8];
    ASSERT_TRUE(EncodeRow(format, std::vector<float>{static_cast<float>(i * 3 / 600), 1}, row).ok());
    rows.Append(row);
  }
  auto index = HnswIndex::Create(format, {.m = 8}, rows.view(), 600);
  std::vector<LocalId> ids;
  for (uint32_t i = 0; i < 600; ++i) ids.push_back(LocalId{i});
  ASSERT_TRUE(index->Insert(ids, {}).ok());
  for (uint32_t i : {0u, 250u, 599u}) {
    EXPECT_EQ(index->Search(Query::FromRow(format, rows.view().at(LocalId{i})), {.top_k = 1}).front().distance, 0) << i;
  }
}

// Accepts the half of the rows that lies farther from a query.
class FarAway final : public Acceptor {
 public:
  FarAway(const TestRows& rows, const Query& query) {
    std::vector<std::pair<float, uint32_t>> order;
    for (uint32_t i = 0; i < rows.count(); ++i) order.emplace_back(query.DistanceTo(rows.view().at(LocalId{i})), i);
    std::sort(order.begin(), order.end());
    for (size_t i = order.size() / 2; i < order.size(); ++i) far_.insert(order[i].second);
  }
  bool Accepts(LocalId id) const override { return far_.contains(Raw(id)); }

 private:
  std::set<uint32_t> far_;
};

TEST(HnswWalk, GivesUpAWalkThatGoesTooFarAndSaysSo) {
  const TestRows rows({ElementType::kF32, Distance::kL2, 24}, kRows, 31);
  const auto index = Build(rows);
  const Query query = rows.QueryOf(kRows);
  const FarAway acceptor(rows, query);
  SearchWork whole;
  const auto found = index->Search(query, {.top_k = 10, .ef_search = 32, .acceptor = &acceptor, .work = &whole});
  EXPECT_EQ(found.size(), 10u);
  EXPECT_FALSE(whole.gave_up);
  EXPECT_GT(whole.hops, 32u);
  EXPECT_GT(whole.by_rows, whole.hops);
  EXPECT_EQ(whole.by_codes, 0u);

  SearchWork enough, cut;
  EXPECT_EQ(index->Search(
                query, {.top_k = 10, .ef_search = 32, .acceptor = &acceptor, .hops_max = whole.hops, .work = &enough}),
            found);
  EXPECT_FALSE(enough.gave_up);
  EXPECT_EQ(enough.hops, whole.hops);
  EXPECT_TRUE(index->Search(query, {.top_k = 10, .ef_search = 32, .acceptor = &acceptor, .hops_max = 20, .work = &cut})
                  .empty());
  EXPECT_TRUE(cut.gave_up);
  EXPECT_LT(cut.hops, whole.hops);
}

TEST(HnswWalk, PassesOverARowThatIsLeftOut) {
  const TestRows rows({ElementType::kF32, Distance::kL2, 24}, kRows, 32);
  const auto index = Build(rows);
  const EveryNth all(1);
  size_t hits = 0;
  for (uint32_t row = 0; row < 200; ++row) {
    const Query query = rows.QueryOf(row);
    const auto exact = ScanRange(query, rows.view(), LocalId{0}, LocalId{kRows}, {.top_k = 11});
    EXPECT_EQ(exact.front().id, LocalId{row});
    EXPECT_EQ(index->Search(query, {.top_k = 1, .ef_search = 64}).front().id, LocalId{row});
    for (const Acceptor* acceptor : {static_cast<const Acceptor*>(nullptr), static_cast<const Acceptor*>(&all)}) {
      for (const Neighbor& neighbor :
           index->Search(query, {.top_k = 10, .ef_search = 64, .acceptor = acceptor, .left_out = LocalId{row}})) {
        EXPECT_NE(neighbor.id, LocalId{row});
        hits += neighbor.distance <= exact.back().distance;
      }
    }
  }
  EXPECT_GE(static_cast<double>(hits), 0.97 * 2 * 200 * 10);
}

}  // namespace
}  // namespace lineal::index
