#include "base/random.h"
#include "base/status.h"
#include "engine/database/database_fixture.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

// Of so many components rows are searched by lists.
constexpr uint32_t kDim = 24;
constexpr uint64_t kPoints = 4'000;

// A filter that was asked of a sealed segment before answers as the first time, whatever has happened to its points.
class RepeatedFilters : public ::testing::Test, protected DatabaseFixture {
 protected:
  RepeatedFilters() {
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.fields["part"] = FieldSchema{.type = FieldType::kInteger};
    schema.optimizer.growing_rows_max = kPoints;
    schema.optimizer.indexing_threshold_kb = 1;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
    UpsertPoints op;
    for (uint64_t id = 0; id <= kPoints; ++id) op.points.push_back(Point(id, static_cast<int64_t>(id % 2)));
    EXPECT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
    EXPECT_TRUE(database_->OptimizeToEnd("c").ok());
  }
  static PointInput Point(uint64_t id, int64_t part) {
    std::vector<float> values(kDim);
    Random random(id + 1);
    for (float& x : values) x = static_cast<float>(random.Gaussian());
    return PointInput{PointId::Number(id), {{"", std::move(values)}}, PayloadOf(part)};
  }
  static Value PayloadOf(int64_t part) {
    Value payload = Value::EmptyObject();
    payload.Set("part", Value(part));
    return payload;
  }
  static Filter PartIs(int64_t part) {
    Filter filter;
    filter.must.push_back(Condition{FieldCondition{"part", MatchValue{part}}});
    return filter;
  }
  // Whether the point is the nearest to itself of those that pass: twice, for there is something to remember between.
  bool Finds(uint64_t id, const Filter& filter) {
    SearchRequest request;
    request.query = Point(id, 0).vectors[0].values;
    request.limit = 1;
    request.filter = filter;
    bool found = false;
    for (int time = 0; time < 3; ++time) {
      const auto answer = Get()->Search(request);
      EXPECT_TRUE(answer.ok()) << answer.status();
      const bool now = !answer->empty() && answer->front().point.id == PointId::Number(id);
      EXPECT_TRUE(time == 0 || now == found) << id;
      found = now;
    }
    return found;
  }
  void SetPart(uint64_t id, int64_t part) {
    SetPayload op{std::vector<PointId>{PointId::Number(id)}, PayloadOf(part), ""};
    ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
  }
  uint64_t Scratch() {
    uint64_t bytes = 0;
    const auto memory = Get()->Memory();
    EXPECT_TRUE(memory.ok());
    for (const MemoryLine& line : memory->held) bytes += line.kind == "search_scratch" ? line.bytes : 0;
    return bytes;
  }
};

TEST_F(RepeatedFilters, SeePayloadsThatChangedAndPointsThatWent) {
  EXPECT_TRUE(Finds(11, PartIs(1)));
  EXPECT_FALSE(Finds(12, PartIs(1)));
  SetPart(11, 0);
  SetPart(12, 1);
  EXPECT_FALSE(Finds(11, PartIs(1)));
  EXPECT_TRUE(Finds(12, PartIs(1)));
  SetPart(11, 1);
  EXPECT_TRUE(Finds(11, PartIs(1)));
  ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {DeletePoints{std::vector<PointId>{PointId::Number(13)}}}}).ok());
  EXPECT_FALSE(Finds(13, PartIs(1)));
  ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {UpsertPoints{{Point(13, 1)}}}}).ok());
  EXPECT_TRUE(Finds(13, PartIs(1)));
}

// However many are asked for, of those that pass.
TEST_F(RepeatedFilters, AnswerWithAllThatIsAskedFor) {
  SearchRequest request;
  request.query = Point(11, 0).vectors[0].values;
  request.filter = PartIs(1);
  request.ef_search = 1;
  for (const uint64_t limit : {300, 900, 1'500, 2'500}) {
    request.limit = limit;
    for (int time = 0; time < 3; ++time) {
      const auto answer = Get()->Search(request);
      ASSERT_TRUE(answer.ok());
      EXPECT_EQ(answer->size(), std::min<uint64_t>(limit, kPoints / 2)) << time;
    }
  }
}

TEST_F(RepeatedFilters, OfIdsAreAskedAnew) {
  Filter filter;
  filter.must.push_back(Condition{HasId{{PointId::Number(21), PointId::Number(kPoints + 5)}}});
  EXPECT_TRUE(Finds(21, filter));
  EXPECT_FALSE(Finds(kPoints + 5, filter));
  ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {UpsertPoints{{Point(kPoints + 5, 0)}}}}).ok());
  EXPECT_TRUE(Finds(kPoints + 5, filter));
}

TEST_F(RepeatedFilters, AreAccountedForWhatIsKept) {
  const uint64_t before = Scratch();
  SearchRequest once;
  once.query = Point(11, 0).vectors[0].values;
  once.filter = PartIs(1);
  ASSERT_TRUE(Get()->Search(once).ok());
  const uint64_t bounds = Scratch();
  EXPECT_GT(bounds, before);
  // A bit a row, and another in the order of the lists.
  EXPECT_TRUE(Finds(11, PartIs(1)));
  EXPECT_GE(Scratch(), bounds + 2 * kPoints / 8);
  EXPECT_LE(Scratch(), before + (64 << 10));
}

}  // namespace
}  // namespace lineal::engine
