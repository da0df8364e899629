// Rows of growing segments are found through lists that grow with them.
#include <atomic>
#include <set>

#include "base/executor.h"
#include "base/random.h"
#include "engine/database/database_fixture.h"
#include "engine/database/local_collection.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"
#include "index/quantizers/sq8_codes.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 64;

std::vector<float> VectorOf(uint64_t salt) {
  Random random(salt + 1);
  std::vector<float> values(kDim);
  // Clusters, so that rows far from the query are in other lists.
  Random centre(salt % 20 + 7'000'000);
  for (float& x : values) x = static_cast<float>(3 * centre.Gaussian() + random.Gaussian());
  return values;
}

index::Sq8Range RangeOf(const ColumnIndex& index) { return static_cast<const index::Sq8Codes&>(*index.codes).range(); }

class GrowingListsTest : public ::testing::Test, protected DatabaseFixture {
 protected:
  void Create(bool optimizer, uint64_t growing_rows_max = 65'536) {
    options_.optimizer_enabled = optimizer;
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.fields["part"] = FieldSchema{.type = FieldType::kInteger};
    schema.optimizer.growing_rows_max = growing_rows_max;
    schema.optimizer.indexing_threshold_kb = 1;
    schema.optimizer.history_window_s = 0;
    ASSERT_TRUE(database_->CreateCollection("c", schema).ok());
  }

  void Write(uint64_t begin, uint64_t end, uint64_t salt = 0) {
    UpsertPoints op;
    for (uint64_t id = begin; id < end; ++id) {
      Value payload = Value::EmptyObject();
      payload.Set("part", Value(static_cast<int64_t>(id % 10)));
      op.points.push_back(PointInput{PointId::Number(id), {{"", VectorOf(id + salt)}}, std::move(payload)});
    }
    ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
  }
  std::shared_ptr<const ColumnIndex> IndexOf(SegmentKind kind) {
    auto collection = Get();
    for (const auto& shard : static_cast<LocalCollection*>(collection.get())->shards()) {
      for (const auto& segment : *shard->segments()) {
        if (segment->kind() == kind) return segment->parts().vectors.begin()->second->index();
      }
    }
    return nullptr;
  }
  std::vector<ScoredPoint> Search(const std::vector<float>& query, bool exact, const Filter& filter = {}) {
    SearchRequest request;
    request.query = query;
    request.limit = 10;
    request.exact = exact;
    request.filter = filter;
    auto found = Get()->Search(request);
    EXPECT_TRUE(found.ok()) << found.status();
    return *std::move(found);
  }
  bool Finds(uint64_t id, uint64_t salt = 0) {
    const auto found = Search(VectorOf(id + salt), false);
    return !found.empty() && found[0].point.id == PointId::Number(id) && found[0].score < 1e-3;
  }
  // Of the ten nearest under a filter that lets through the rows whose part is below `parts`.
  double Recall(int64_t parts) {
    Filter filter;
    if (parts < 10) {
      Range range;
      range.lt = static_cast<double>(parts);
      filter.must.push_back(Condition{FieldCondition{"part", range}});
    }
    size_t hits = 0, wanted = 0;
    for (uint64_t query = 0; query < 60; ++query) {
      std::set<PointId> exact;
      for (const auto& point : Search(VectorOf(1'000'000 + query), true, filter)) exact.insert(point.point.id);
      for (const auto& point : Search(VectorOf(1'000'000 + query), false, filter)) {
        EXPECT_LT(static_cast<int64_t>(point.point.id.number() % 10), parts);
        hits += exact.contains(point.point.id);
      }
      wanted += exact.size();
    }
    return static_cast<double>(hits) / static_cast<double>(wanted);
  }
};

TEST_F(GrowingListsTest, TakeTheTailAndAreMadeAnewWhenThereAreFourTimesTheRows) {
  Create(false);
  Write(0, 5'000);
  EXPECT_FALSE(IndexOf(SegmentKind::kGrowing)->has_index());
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const auto first = IndexOf(SegmentKind::kGrowing);
  ASSERT_NE(first->lists, nullptr);
  EXPECT_EQ(first->indexed, 5'000u);
  EXPECT_EQ(first->lists->lists(), index::IvfIndex::ListsFor(4 * 5'000)) << "for the rows to come";
  EXPECT_EQ(first->coded(), 5'000u);

  Write(5'000, 5'500);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(IndexOf(SegmentKind::kGrowing)->indexed, 5'000u) << "a short tail is scanned";
  for (uint64_t id : {0u, 4'999u, 5'000u, 5'499u}) EXPECT_TRUE(Finds(id)) << id;

  Write(5'500, 7'000);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const auto second = IndexOf(SegmentKind::kGrowing);
  EXPECT_EQ(second->indexed, 7'000u);
  EXPECT_TRUE(std::ranges::equal(second->lists->centroids(), first->lists->centroids()));
  EXPECT_EQ(RangeOf(*second), RangeOf(*first));
  for (uint64_t id : {0u, 4'999u, 5'000u, 6'999u}) EXPECT_TRUE(Finds(id)) << id;

  Write(7'000, 20'500);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const auto third = IndexOf(SegmentKind::kGrowing);
  EXPECT_EQ(third->indexed, 20'500u);
  EXPECT_EQ(third->lists->lists(), index::IvfIndex::ListsFor(65'536)) << "the segment takes no more";
  for (uint64_t id : {0u, 6'999u, 7'000u, 20'499u}) EXPECT_TRUE(Finds(id)) << id;
}

TEST_F(GrowingListsTest, FindWhatPassesAndNothingThatWasReplacedOrDeleted) {
  Create(false);
  Write(0, 6'000);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  Write(6'000, 6'700);
  Write(100, 200, 50'000'000);
  std::vector<PointId> ids;
  for (uint64_t id = 300; id < 400; ++id) ids.push_back(PointId::Number(id));
  ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {DeletePoints{std::move(ids)}}}).ok());

  ASSERT_NE(IndexOf(SegmentKind::kGrowing)->lists, nullptr);
  for (uint64_t id = 100; id < 200; ++id) {
    EXPECT_TRUE(Finds(id, 50'000'000)) << id;
    EXPECT_FALSE(Finds(id)) << id;
  }
  for (uint64_t id = 300; id < 400; ++id) EXPECT_FALSE(Finds(id)) << id;
  for (int64_t parts : {1, 5, 9, 10}) EXPECT_GE(Recall(parts), 0.97) << parts;
}

TEST_F(GrowingListsTest, GoIntoTheSealedSegment) {
  Create(false, 8'192);
  Write(0, 7'000);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const auto growing = IndexOf(SegmentKind::kGrowing);
  ASSERT_NE(growing->lists, nullptr);
  Write(7'000, 9'000);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const auto sealed = IndexOf(SegmentKind::kSealed);
  ASSERT_NE(sealed, nullptr);
  ASSERT_NE(sealed->lists, nullptr);
  EXPECT_EQ(sealed->indexed, 8'192u);
  EXPECT_TRUE(std::ranges::equal(sealed->lists->centroids(), growing->lists->centroids()));
  for (uint64_t id : {0u, 6'999u, 7'000u, 8'191u, 8'192u, 8'999u}) EXPECT_TRUE(Finds(id)) << id;
  EXPECT_GE(Recall(10), 0.97);
}

TEST_F(GrowingListsTest, AreSearchedWhileTheyGrow) {
  Create(true, 8'192);
  constexpr uint64_t kPoints = 12'000, kBatch = 300;
  std::atomic<uint64_t> written{0};
  std::atomic<uint64_t> lost{0}, asked{0};
  ServiceThread reader("reader", [&] {
    Random random(3);
    while (written < kPoints) {
      const uint64_t below = written;
      if (below == 0) continue;
      lost += !Finds(random.Below(below));
      ++asked;
    }
  });
  for (uint64_t begin = 0; begin < kPoints; begin += kBatch) {
    Write(begin, begin + kBatch);
    written = begin + kBatch;
  }
  reader.Join();
  EXPECT_GT(asked, 0u);
  EXPECT_EQ(lost, 0u);
}

}  // namespace
}  // namespace lineal::engine
