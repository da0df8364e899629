// An explained search gives the same answer, and says of every segment how it was searched.
#include "base/random.h"
#include "engine/database/database_fixture.h"
#include "engine/database/explain_search.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 16;

class Explain : public testing::Test, protected DatabaseFixture {
 protected:
  Explain() {
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.fields["tenth"] = FieldSchema{.type = FieldType::kInteger};
    schema.optimizer.growing_rows_max = 2'000;
    schema.optimizer.indexing_threshold_kb = 1;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
    Write(0, 2'000);
    Write(2'000, 2'001);  // closes the full segment
    EXPECT_TRUE(database_->OptimizeToEnd("c").ok());
    Write(2'001, 2'050);
  }
  void Write(uint64_t begin, uint64_t end) {
    UpsertPoints op;
    for (uint64_t id = begin; id < end; ++id) {
      Value payload = Value::EmptyObject();
      payload.Set("tenth", Value(static_cast<int64_t>(id % 10)));
      payload.Set("half", Value(static_cast<int64_t>(id % 2)));
      op.points.push_back(PointInput{PointId::Number(id), {{"", Draw()}}, std::move(payload)});
    }
    EXPECT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
  }
  std::vector<float> Draw() {
    std::vector<float> values(kDim);
    for (float& x : values) x = static_cast<float>(random_.Gaussian());
    return values;
  }

  // Searches twice, with and without an explanation, and gives the explanation.
  SearchExplain Explained(SearchRequest request) {
    request.query = Draw();
    auto plain = Get()->Search(request);
    request.explain = std::make_shared<SearchExplain>();
    auto explained = Get()->Search(request);
    EXPECT_TRUE(plain.ok() && explained.ok());
    EXPECT_EQ(plain->size(), explained->size());
    for (size_t i = 0; i < plain->size(); ++i) EXPECT_EQ((*plain)[i].point.id, (*explained)[i].point.id);
    return *request.explain;
  }
  static Filter Equals(const std::string& key, int64_t value) {
    Filter filter;
    filter.must.push_back(Condition{FieldCondition{key, MatchValue{value}}});
    return filter;
  }

  Random random_{3};
};

TEST_F(Explain, NamesTheWalkOfASealedSegmentAndTheScanOfAGrowingOne) {
  const SearchExplain explain = Explained({});
  ASSERT_EQ(explain.segments.size(), 2u);
  const SegmentExplain& sealed = explain.segments[0];
  EXPECT_EQ(sealed.kind, "sealed");
  EXPECT_EQ(sealed.plan, "graph");
  EXPECT_EQ(sealed.rows, 2'000u);
  EXPECT_EQ(sealed.indexed_rows, 2'000u);
  EXPECT_EQ(sealed.matches, 2'000u);
  EXPECT_EQ(sealed.ef_search, 128u);
  EXPECT_TRUE(sealed.predicted_recall.has_value());
  EXPECT_EQ(sealed.found, 10u);
  EXPECT_GE(sealed.hops, 128u);
  EXPECT_GT(sealed.distances_by_codes + sealed.distances_by_rows, sealed.hops);
  EXPECT_LT(sealed.distances_by_codes, 2'100u);
  const SegmentExplain& growing = explain.segments[1];
  EXPECT_EQ(growing.kind, "growing");
  EXPECT_EQ(growing.plan, "scan_all");
  EXPECT_EQ(growing.reason, "the segment has no index for this vector");
  EXPECT_EQ(growing.distances_by_rows, 50u);
  EXPECT_EQ(growing.distances_by_codes, 0u);
  EXPECT_EQ(growing.predicted_recall, 1.0);
  EXPECT_TRUE(explain.advice.empty());
  EXPECT_GT(explain.time_us, sealed.time_us);
}

TEST_F(Explain, NamesTheListsOfASealedSegment) {
  SchemaChange change;
  change.hnsw = HnswConfig{.index = IndexKind::kIvf};
  ASSERT_TRUE(database_->AlterCollection("c", change).ok());
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const SearchExplain explain = Explained({});
  const SegmentExplain& sealed = explain.segments[0];
  EXPECT_EQ(sealed.plan, "lists");
  EXPECT_GE(sealed.lists, 1u);
  EXPECT_LE(sealed.lists, 2'000u / 256);
  EXPECT_EQ(sealed.hops, 0u);
  EXPECT_GE(sealed.distances_by_rows, 10u);
  EXPECT_LT(sealed.distances_by_rows, 2'000u);
  EXPECT_EQ(sealed.found, 10u);
}

TEST_F(Explain, CountsWhatPassesAFilter) {
  const auto erased =
      Get()->Write(WriteRequest{.ops = {DeletePoints{std::vector<PointId>{PointId::Number(3), PointId::Number(13)}}}});
  ASSERT_TRUE(erased.ok());
  const SearchExplain explain = Explained({.filter = Equals("tenth", 3)});
  const SegmentExplain& sealed = explain.segments[0];
  EXPECT_EQ(sealed.plan, "scan_matches");
  EXPECT_EQ(sealed.matches_max, 200u);
  EXPECT_EQ(sealed.matches, 198u);
  EXPECT_EQ(sealed.dead_rows, 2u);
  EXPECT_NE(sealed.reason.find("scan of 200 rows is cheaper"), std::string::npos) << sealed.reason;
  EXPECT_EQ(std::max(sealed.distances_by_codes, sealed.distances_by_rows), 200u);
  EXPECT_EQ(explain.segments[1].matches, 5u);
  EXPECT_TRUE(explain.advice.empty());
}

TEST_F(Explain, NamesTheIndexThatIsMissing) {
  SearchRequest request{.filter = Equals("half", 1)};
  request.filter.must.push_back(Condition{FieldCondition{"tenth", MatchValue{int64_t{1}}}});
  request.filter.should.push_back(Condition{FieldCondition{"when", DatetimeRange{}}});
  request.filter.should.push_back(Condition{std::make_shared<const Filter>(Equals("half", 0))});
  request.filter.should.push_back(Condition{FieldCondition{"half", MatchValue{int64_t{1}}}});
  const SearchExplain explain = Explained(request);
  ASSERT_EQ(explain.advice.size(), 2u);
  EXPECT_NE(explain.advice[0].find("`half`"), std::string::npos);
  EXPECT_NE(explain.advice[0].find("integer"), std::string::npos);
  EXPECT_NE(explain.advice[1].find("`when`"), std::string::npos);
  EXPECT_NE(explain.advice[1].find("datetime"), std::string::npos);
}

TEST_F(Explain, SaysWhenNothingCanPass) {
  const SearchExplain explain = Explained({.filter = Equals("tenth", 77)});
  for (const SegmentExplain& line : explain.segments) {
    EXPECT_EQ(line.plan, "nothing");
    EXPECT_EQ(line.matches, 0u);
    EXPECT_EQ(line.distances_by_codes + line.distances_by_rows, 0u);
  }
}

}  // namespace
}  // namespace lineal::engine
