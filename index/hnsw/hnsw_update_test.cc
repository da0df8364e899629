#include <algorithm>
#include <atomic>
#include <set>

#include <gtest/gtest.h>

#include "base/executor.h"
#include "index/flat/flat_search.h"
#include "index/hnsw/hnsw_test_data.h"

namespace lineal::index {
namespace {

class Among : public Acceptor {
 public:
  explicit Among(const std::set<uint32_t>* ids) : ids_(ids) {}
  bool Accepts(LocalId id) const override { return ids_->contains(Raw(id)); }

 private:
  const std::set<uint32_t>* ids_;
};

// Live rows that a search by their own vector does not find.
size_t CountLost(const HnswIndex& index, const TestRows& rows, const std::set<uint32_t>& live, size_t ef_search) {
  size_t lost = 0;
  for (uint32_t id : live) {
    const auto found = index.Search(rows.QueryOf(id), {.top_k = 1, .ef_search = ef_search});
    lost += found.empty() || found.front().id != LocalId{id};
  }
  return lost;
}

double RecallAmong(const HnswIndex& index, const TestRows& rows, const std::set<uint32_t>& live) {
  const Among acceptor(&live);
  size_t hits = 0;
  for (uint32_t i = 0; i < TestRows::kQueries; ++i) {
    const Query query = rows.QueryOf(rows.count() + i);
    const auto exact =
        ScanRange(query, rows.view(), LocalId{0}, LocalId{rows.count()}, {.top_k = 10, .acceptor = &acceptor});
    for (const Neighbor& found : index.Search(query, {.top_k = 10, .ef_search = 50})) {
      EXPECT_TRUE(live.contains(Raw(found.id)));
      hits += std::find(exact.begin(), exact.end(), found) != exact.end();
    }
  }
  return static_cast<double>(hits) / (10.0 * TestRows::kQueries);
}

const RowFormat kFormat{ElementType::kF32, Distance::kL2, 24};

TEST(HnswInsert, OnSeveralThreadsMissesNothing) {
  const TestRows rows(kFormat, 6'000, 21);
  auto index = HnswIndex::Create(kFormat, {}, rows.view(), rows.count());
  Executor executor("insert", 3);
  std::atomic<uint64_t> progress{0};
  ASSERT_TRUE(index->Insert(rows.Ids(0, 6'000), {.executor = &executor, .parallelism = 4, .progress = &progress}).ok());
  EXPECT_EQ(index->size(), 6'000u);
  EXPECT_EQ(progress.load(), 6'000u);
  std::set<uint32_t> live;
  for (uint32_t i = 0; i < 6'000; ++i) live.insert(i);
  EXPECT_GE(RecallAmong(*index, rows, live), 0.98);
  EXPECT_EQ(CountLost(*index, rows, live, 64), 0u);
}

TEST(HnswInsert, StopsWhenCancelledAndGoesOnLater) {
  const TestRows rows(kFormat, 1'000, 22);
  auto index = HnswIndex::Create(kFormat, {}, rows.view(), rows.count());
  std::atomic<bool> cancelled{true};
  EXPECT_EQ(index->Insert(rows.Ids(0, 1'000), {.cancelled = &cancelled}).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(index->size(), 0u);
  ASSERT_TRUE(index->Insert(rows.Ids(0, 400), {}).ok());
  ASSERT_TRUE(index->Insert(rows.Ids(300, 1'000), {}).ok());  // some are in it already
  EXPECT_EQ(index->size(), 1'000u);
}

TEST(HnswRemove, LeavesAGraphWithoutTheRow) {
  const TestRows rows(kFormat, 500, 23);
  auto index = HnswIndex::Create(kFormat, {}, rows.view(), rows.count());
  index->Remove(LocalId{3});
  ASSERT_TRUE(index->Insert(rows.Ids(0, 500), {}).ok());
  index->Remove(LocalId{3});
  index->Remove(LocalId{3});
  EXPECT_EQ(index->size(), 499u);
  EXPECT_FALSE(index->Contains(LocalId{3}));
  for (const Neighbor& found : index->Search(rows.QueryOf(3), {.top_k = 500})) EXPECT_NE(found.id, LocalId{3});
}

TEST(HnswRemove, OfEverythingLeavesAnEmptyGraphThatCanBeFilledAgain) {
  const TestRows rows(kFormat, 300, 24);
  auto index = HnswIndex::Create(kFormat, {.m = 4}, rows.view(), rows.count());
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(index->Insert(rows.Ids(0, 300), {}).ok());
    EXPECT_EQ(index->Search(rows.QueryOf(9), {.top_k = 1, .ef_search = 50}).front().id, LocalId{9});
    for (uint32_t i = 0; i < 300; ++i) index->Remove(LocalId{i});
    EXPECT_EQ(index->size(), 0u);
    EXPECT_TRUE(index->Search(rows.QueryOf(9), {}).empty());
  }
}

TEST(HnswRemove, KeepsEveryRowFindableWhileAllAreReplaced) {
  // Every row of the first half is removed while one of the second half comes in, then the other way round, so that the
  // graph has been replaced as a whole, twice.
  constexpr uint32_t kHalf = 3'000;
  const TestRows rows(kFormat, 2 * kHalf, 25);
  auto index = HnswIndex::Create(kFormat, {}, rows.view(), rows.count());
  ASSERT_TRUE(index->Insert(rows.Ids(0, kHalf), {}).ok());
  std::set<uint32_t> live;
  for (uint32_t i = 0; i < kHalf; ++i) live.insert(i);
  for (uint32_t round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < kHalf; ++i) {
      const uint32_t out = round == 0 ? i : kHalf + i, in = round == 0 ? kHalf + i : i;
      index->Remove(LocalId{out});
      ASSERT_TRUE(index->Insert(rows.Ids(in, in + 1), {}).ok());
      live.erase(out);
      live.insert(in);
    }
    auto fresh = HnswIndex::Create(kFormat, {}, rows.view(), rows.count());
    std::vector<LocalId> ids;
    for (uint32_t id : live) ids.push_back(LocalId{id});
    ASSERT_TRUE(fresh->Insert(ids, {}).ok());
    EXPECT_GE(RecallAmong(*index, rows, live), RecallAmong(*fresh, rows, live) - 0.01);
    EXPECT_EQ(CountLost(*index, rows, live, 64), 0u);
  }
}

TEST(HnswConcurrency, SearchesGoOnWhileRowsComeAndGo) {
  constexpr uint32_t kRows = 1'500;
  const TestRows rows(kFormat, kRows, 26);
  auto index = HnswIndex::Create(kFormat, {.m = 8, .ef_construct = 40}, rows.view(), kRows);
  ASSERT_TRUE(index->Insert(rows.Ids(0, 300), {}).ok());
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> searches{0};
  const auto search = [&] {
    for (uint32_t i = 0; !stop; i = (i + 1) % kRows) {
      const auto found = index->Search(rows.QueryOf(i), {.top_k = 10, .ef_search = 40});
      EXPECT_EQ(found.size(), 10u);
      for (const Neighbor& neighbor : found) EXPECT_LT(Raw(neighbor.id), kRows);
      ++searches;
    }
  };
  {
    ServiceThread first("search1", search), second("search2", search);
    Executor executor("insert", 1);
    EXPECT_TRUE(index->Insert(rows.Ids(300, kRows), {.executor = &executor, .parallelism = 2}).ok());
    for (uint32_t i = 0; i < 600; ++i) index->Remove(LocalId{i});
    EXPECT_TRUE(index->Insert(rows.Ids(0, 300), {.executor = &executor, .parallelism = 2}).ok());
    for (uint32_t i = 600; i < 800; ++i) index->Remove(LocalId{i});
    while (searches < 100) {
    }
    stop = true;
  }
  EXPECT_EQ(index->size(), kRows - 500);
}

TEST(HnswCopy, CarriesAGraphOverToNewNumbersWithoutTheDead) {
  constexpr uint32_t kRows = 3'000;
  const TestRows rows(kFormat, kRows, 27);
  auto index = HnswIndex::Create(kFormat, {}, rows.view(), kRows);
  ASSERT_TRUE(index->Insert(rows.Ids(0, 2'500), {}).ok());
  index->Remove(LocalId{17});

  // Every third is left out, the others close up in the new rows; 500 more follow.
  GrowingRows merged(kFormat.row_bytes(), kRows);
  std::vector<LocalId> new_ids, back;
  for (uint32_t old = 0; old < 2'500; ++old) {
    const bool kept = old % 3 != 0;
    new_ids.push_back(kept ? LocalId{merged.size()} : kNoLocal);
    if (!kept) continue;
    merged.Append(rows.view().at(LocalId{old}));
    back.push_back(LocalId{old});
  }
  const uint32_t copied = merged.size();
  for (uint32_t old = 2'500; old < kRows; ++old) {
    merged.Append(rows.view().at(LocalId{old}));
    back.push_back(LocalId{old});
  }
  Executor executor("copy", 1);
  const HnswIndex::InsertOptions options{.executor = &executor, .parallelism = 2};
  auto copy = HnswIndex::CopyRemapped(*index, new_ids, merged.view(), kRows, options);
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ((*copy)->size(), copied - 1);
  ASSERT_TRUE((*copy)->Insert(rows.Ids(copied, merged.size()), options).ok());
  EXPECT_EQ((*copy)->size(), merged.size() - 1);
  for (uint32_t id = 0; id < merged.size(); ++id) {
    if (back[id] == LocalId{17}) continue;
    const auto found = (*copy)->Search(rows.QueryOf(Raw(back[id])), {.top_k = 1, .ef_search = 64});
    ASSERT_EQ(found.front().id, LocalId{id});
  }
  EXPECT_EQ(HnswIndex::CopyRemapped(*index, new_ids, merged.view(), 100, options).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace lineal::index
