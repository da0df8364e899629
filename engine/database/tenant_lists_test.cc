#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "base/random.h"
#include "base/status.h"
#include "engine/database/database_fixture.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 24;
constexpr uint64_t kPoints = 6'000;
constexpr size_t kTop = 10;

// Tenants "a" and "b" have 2,000 points each, "few" has 200, and "rest" the others.
class Tenants : public ::testing::Test, protected DatabaseFixture {
 protected:
  void Make(bool is_tenant, VectorMemory memory = VectorMemory::kWarm) {
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid, .memory = memory};
    schema.fields["group"] = FieldSchema{.type = FieldType::kKeyword, .is_tenant = is_tenant};
    schema.fields["part"] = FieldSchema{.type = FieldType::kInteger};
    schema.optimizer.growing_rows_max = kPoints;
    schema.optimizer.indexing_threshold_kb = 1;
    ASSERT_TRUE(database_->CreateCollection("c", schema).ok());
    UpsertPoints op;
    for (uint64_t id = 0; id <= kPoints; ++id) op.points.push_back(Point(id, GroupOf(id)));
    ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
    ASSERT_EQ(database_->OptimizeToEnd("c"), absl::OkStatus());
  }
  static std::string GroupOf(uint64_t id) {
    if (id % 3 < 2) return id % 3 == 0 ? "a" : "b";
    return id % 30 == 2 ? "few" : "rest";
  }
  static std::vector<float> ValuesOf(uint64_t seed) {
    std::vector<float> values(kDim);
    Random random(seed + 1);
    for (float& x : values) x = static_cast<float>(random.Gaussian());
    return values;
  }
  static PointInput Point(uint64_t id, const std::string& group) {
    Value payload = PayloadOf(group);
    payload.Set("part", Value(static_cast<int64_t>(id % 2)));
    return PointInput{PointId::Number(id), {{"", ValuesOf(id)}}, std::move(payload)};
  }
  static Value PayloadOf(const std::string& group) {
    Value payload = Value::EmptyObject();
    payload.Set("group", Value(group));
    return payload;
  }
  static Filter Of(const std::string& group) {
    Filter filter;
    filter.must.push_back(Condition{FieldCondition{"group", MatchValue{group}}});
    return filter;
  }
  static Filter OfPart(const std::string& group, int64_t part) {
    Filter filter = Of(group);
    filter.must.push_back(Condition{FieldCondition{"part", MatchValue{part}}});
    return filter;
  }
  void Move(uint64_t id, const std::string& group) {
    SetPayload op{std::vector<PointId>{PointId::Number(id)}, PayloadOf(group), ""};
    ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
  }
  std::vector<ScoredPoint> Search(std::vector<float> values, const Filter& filter, bool exact = false) {
    SearchRequest request;
    request.query = std::move(values);
    request.limit = kTop;
    request.filter = filter;
    request.exact = exact;
    request.explain = std::make_shared<SearchExplain>();
    auto answer = Get()->Search(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok()) return {};
    std::set<std::string> different;
    for (const ScoredPoint& point : *answer) EXPECT_TRUE(different.insert(point.point.id.ToString()).second);
    explained_ = *request.explain;
    return *answer;
  }
  // The way in which the largest segment answered.
  std::string PlanOf(const Filter& filter) {
    Search(ValuesOf(kPoints + 7), filter);
    const auto largest = std::max_element(explained_.segments.begin(), explained_.segments.end(),
                                          [](const auto& a, const auto& b) { return a.rows < b.rows; });
    return largest == explained_.segments.end() ? "" : largest->plan;
  }
  // Share of the exact answers that searches with the filter find.
  double Recall(const Filter& filter) {
    size_t found = 0, wanted = 0;
    for (uint64_t i = 0; i < 50; ++i) {
      const std::vector<float> values = ValuesOf(kPoints + 100 + i);
      std::set<std::string> near;
      for (const ScoredPoint& point : Search(values, filter, true)) near.insert(point.point.id.ToString());
      for (const ScoredPoint& point : Search(values, filter)) found += near.count(point.point.id.ToString());
      wanted += near.size();
    }
    EXPECT_GT(wanted, 0u);
    return static_cast<double>(found) / static_cast<double>(wanted);
  }
  bool Finds(uint64_t id, const Filter& filter) {
    const auto answer = Search(ValuesOf(id), filter);
    return !answer.empty() && answer.front().point.id == PointId::Number(id);
  }

  SearchExplain explained_;
};

TEST_F(Tenants, AreSearchedInListsOfTheirOwn) {
  Make(true);
  EXPECT_EQ(PlanOf(Of("a")), "tenant_lists");
  EXPECT_EQ(PlanOf(Of("b")), "tenant_lists");
  EXPECT_EQ(PlanOf(Of("few")), "scan_matches");
  EXPECT_NE(PlanOf({}), "tenant_lists");
  EXPECT_GE(Recall(Of("a")), 0.99);
  EXPECT_GE(Recall(Of("few")), 0.99);
  for (const ScoredPoint& point : Search(ValuesOf(1), Of("a"))) EXPECT_EQ(point.point.id.number() % 3, 0u);
}

TEST_F(Tenants, MayBeAskedForMore) {
  Make(true);
  EXPECT_EQ(PlanOf(OfPart("a", 1)), "tenant_lists");
  EXPECT_GE(Recall(OfPart("a", 1)), 0.99);
  for (const ScoredPoint& point : Search(ValuesOf(1), OfPart("a", 1))) {
    EXPECT_EQ(point.point.id.number() % 6, 3u) << point.point.id.number();
  }
  Filter not_a;
  not_a.must_not = Of("a").must;
  EXPECT_NE(PlanOf(not_a), "tenant_lists");
  Filter either;
  either.should = {Of("a").must.front(), Of("b").must.front()};
  EXPECT_NE(PlanOf(either), "tenant_lists");
  Filter inner;
  inner.must.push_back(Condition{std::make_shared<const Filter>(Of("b"))});
  EXPECT_EQ(PlanOf(inner), "tenant_lists");
}

TEST_F(Tenants, LosePointsAndGetOthers) {
  Make(true);
  ASSERT_TRUE(Finds(3, Of("a")));
  ASSERT_TRUE(Finds(4, Of("b")));
  Move(3, "b");
  EXPECT_FALSE(Finds(3, Of("a")));
  EXPECT_TRUE(Finds(3, Of("b")));
  EXPECT_EQ(PlanOf(Of("b")), "tenant_lists");
  Move(3, "a");
  EXPECT_TRUE(Finds(3, Of("a")));
  EXPECT_FALSE(Finds(3, Of("b")));
  ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {DeletePoints{std::vector<PointId>{PointId::Number(6)}}}}).ok());
  EXPECT_FALSE(Finds(6, Of("a")));
  ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {UpsertPoints{{Point(6, "b")}}}}).ok());
  EXPECT_TRUE(Finds(6, Of("b")));
}

TEST_F(Tenants, AreFiltersOnceManyPayloadsChanged) {
  Make(true);
  for (uint64_t id = 0; id < 1'800; id += 3) Move(id, "b");
  EXPECT_NE(PlanOf(Of("a")), "tenant_lists");
  EXPECT_FALSE(Finds(30, Of("a")));
  EXPECT_TRUE(Finds(30, Of("b")));
  EXPECT_GE(Recall(Of("a")), 0.99);
}

TEST_F(Tenants, KeepTheirListsOverARestart) {
  Make(true);
  ASSERT_EQ(Files("tenant_lists-").size(), 1u);
  Open();
  EXPECT_EQ(PlanOf(Of("a")), "tenant_lists");
  EXPECT_GE(Recall(Of("a")), 0.99);
}

TEST_F(Tenants, GetNewListsForDamagedOnes) {
  Make(true);
  database_.reset();
  const std::string path = Files("tenant_lists-").at(0);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  Open();
  EXPECT_NE(PlanOf(Of("a")), "tenant_lists");
  EXPECT_GE(Recall(Of("a")), 0.99);
  ASSERT_EQ(database_->OptimizeToEnd("c"), absl::OkStatus());
  EXPECT_EQ(PlanOf(Of("a")), "tenant_lists");
}

TEST_F(Tenants, ComeAndGoWithTheirField) {
  Make(false);
  EXPECT_NE(PlanOf(Of("a")), "tenant_lists");
  EXPECT_TRUE(Files("tenant_lists-").empty());
  ASSERT_TRUE(database_->AlterCollection("c", SchemaChange{.drop_fields = {"group"}}).ok());
  SchemaChange add;
  add.add_fields["group"] = FieldSchema{.type = FieldType::kKeyword, .is_tenant = true};
  ASSERT_TRUE(database_->AlterCollection("c", add).ok());
  ASSERT_EQ(database_->OptimizeToEnd("c"), absl::OkStatus());
  EXPECT_EQ(PlanOf(Of("a")), "tenant_lists");
  EXPECT_GE(Recall(Of("a")), 0.99);
  ASSERT_TRUE(database_->AlterCollection("c", SchemaChange{.drop_fields = {"group"}}).ok());
  ASSERT_EQ(database_->OptimizeToEnd("c"), absl::OkStatus());
  EXPECT_TRUE(Files("tenant_lists-").empty());
  EXPECT_GE(Recall(Of("a")), 0.99);
}

// While a field is becoming one of another type, its old index and old lists are still there.
TEST_F(Tenants, AreNotFoundByTextsThatAreComparedOtherwiseByNow) {
  Make(true);
  const std::string lower = "0b54a9a2-2f4d-4c8e-9a63-6f3c8c1b7a11";
  std::string upper = lower;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  UpsertPoints op;
  for (uint64_t i = 0; i < 2 * kPoints; ++i) op.points.push_back(Point(10'000 + i, i % 2 == 0 ? lower : upper));
  op.points.push_back(Point(9'999, "a"));
  ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
  ASSERT_EQ(database_->OptimizeToEnd("c"), absl::OkStatus());
  EXPECT_EQ(PlanOf(Of(upper)), "tenant_lists");
  EXPECT_FALSE(Finds(10'000, Of(upper)));
  SchemaChange as_uuid;
  as_uuid.add_fields["group"] = FieldSchema{.type = FieldType::kUuid, .is_tenant = true};
  ASSERT_TRUE(database_->AlterCollection("c", as_uuid).ok());
  EXPECT_TRUE(Finds(10'000, Of(upper)));
  EXPECT_TRUE(Finds(10'001, Of(upper)));
  ASSERT_EQ(database_->OptimizeToEnd("c"), absl::OkStatus());
  EXPECT_EQ(PlanOf(Of(upper)), "tenant_lists");
  EXPECT_TRUE(Finds(10'000, Of(upper)));
  EXPECT_TRUE(Finds(10'001, Of(lower)));
}

TEST_F(Tenants, WithConditionsThatNoIndexAnswersAreStillFilters) {
  Make(true);
  Filter filter = Of("a");
  filter.must.push_back(Condition{FieldCondition{"unknown", MatchValue{int64_t{1}}}});
  EXPECT_TRUE(Search(ValuesOf(3), filter).empty());
}

TEST_F(Tenants, HaveNoneOverColdVectors) {
  Make(true, VectorMemory::kCold);
  EXPECT_TRUE(Files("tenant_lists-").empty());
  EXPECT_NE(PlanOf(Of("a")), "tenant_lists");
  EXPECT_GE(Recall(Of("a")), 0.95);
}

}  // namespace
}  // namespace lineal::engine
