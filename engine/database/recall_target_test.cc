// Searches with a recall target find that much on queries nobody has seen, and cost less the less is asked of them.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/random.h"
#include "engine/database/database_fixture.h"
#include "engine/database/local_collection.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"
#include "storage/faults/fault_file_system.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 32;
constexpr uint32_t kPoints = 12'000;
constexpr size_t kQueries = 300;
constexpr size_t kClusters = 60;
constexpr double kTolerance = 0.015;  // of recall@10 over 300 queries

enum class Data { kClustered, kUniform, kSeparated };

// Where points and queries come from: clusters of a few directions of their own each, which overlap or lie apart; or
// one cloud without any shape, in which every graph is poor.
class Source {
 public:
  explicit Source(Data data) : data_(data), centres_(kClusters), axes_(kClusters) {
    for (auto& centre : centres_) centre = Gaussians(1.0f);
    for (auto& axes : axes_) {
      for (auto& axis : axes) axis = Gaussians(data == Data::kSeparated ? 0.15f : 0.35f);
    }
  }
  // Clusters by the distance of their centres.
  std::vector<size_t> Nearest(const std::vector<float>& query) const {
    std::vector<std::pair<float, size_t>> order;
    for (size_t i = 0; i < kClusters; ++i) {
      float distance = 0;
      for (uint32_t d = 0; d < kDim; ++d) distance += (query[d] - centres_[i][d]) * (query[d] - centres_[i][d]);
      order.emplace_back(distance, i);
    }
    std::sort(order.begin(), order.end());
    std::vector<size_t> nearest;
    for (const auto& [distance, cluster] : order) nearest.push_back(cluster);
    return nearest;
  }
  std::vector<float> Draw(size_t* cluster) {
    *cluster = std::min(random_.Below(kClusters), random_.Below(kClusters));
    if (data_ == Data::kUniform) return Gaussians(1.0f);
    std::vector<float> values = centres_[*cluster];
    for (const auto& axis : axes_[*cluster]) {
      const auto along = static_cast<float>(random_.Gaussian());
      for (uint32_t d = 0; d < kDim; ++d) values[d] += along * axis[d];
    }
    for (float& x : values) x += static_cast<float>(random_.Gaussian()) * (data_ == Data::kSeparated ? 0.08f : 0.3f);
    return values;
  }

 private:
  std::vector<float> Gaussians(float scale) {
    std::vector<float> values(kDim);
    for (float& x : values) x = scale * static_cast<float>(random_.Gaussian());
    return values;
  }

  const Data data_;
  Random random_{5};
  std::vector<std::vector<float>> centres_;
  std::vector<std::array<std::vector<float>, 16>> axes_;
};

class RecallTargets : public testing::TestWithParam<Data>, protected DatabaseFixture {
 protected:
  RecallTargets() : source_(GetParam()) {
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.fields["cluster"] = FieldSchema{.type = FieldType::kInteger};
    schema.fields["draw"] = FieldSchema{.type = FieldType::kInteger};
    schema.optimizer.growing_rows_max = kPoints;
    schema.optimizer.indexing_threshold_kb = 1;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
    Random random(9);
    UpsertPoints op;
    for (uint64_t id = 0; id <= kPoints; ++id) {
      size_t cluster;
      std::vector<float> values = source_.Draw(&cluster);
      Value payload = Value::EmptyObject();
      payload.Set("cluster", Value(static_cast<int64_t>(cluster)));
      payload.Set("draw", Value(static_cast<int64_t>(random.Below(100))));
      op.points.push_back(PointInput{PointId::Number(id), {{"", std::move(values)}}, std::move(payload)});
    }
    EXPECT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
    EXPECT_TRUE(database_->OptimizeToEnd("c").ok());
    for (size_t i = 0, cluster; i < kQueries; ++i) queries_.push_back(source_.Draw(&cluster));
  }

  std::vector<ScoredPoint> Search(SearchRequest request) {
    auto found = Get()->Search(request);
    EXPECT_TRUE(found.ok()) << found.status();
    return *std::move(found);
  }
  // The sealed segment's line.
  static SegmentExplain Sealed(const SearchExplain& explain) {
    for (const SegmentExplain& line : explain.segments) {
      if (line.kind == "sealed") return line;
    }
    ADD_FAILURE() << "there is no sealed segment";
    return {};
  }

  struct Outcome {
    double recall = 0, distances = 0;
    std::set<std::string> plans;
  };
  // Over the fresh queries; `filter_of` makes the filter of a query.
  template <class FilterOf>
  Outcome Measure(SearchRequest request, const FilterOf& filter_of) {
    Outcome outcome;
    for (size_t i = 0; i < kQueries; ++i) {
      request.query = queries_[i];
      request.filter = filter_of(i);
      SearchRequest exact = request;
      exact.exact = true;
      request.explain = std::make_shared<SearchExplain>();
      std::set<PointId> wanted;
      for (const ScoredPoint& point : Search(exact)) wanted.insert(point.point.id);
      size_t hits = 0;
      for (const ScoredPoint& point : Search(request)) hits += wanted.contains(point.point.id);
      outcome.recall += static_cast<double>(hits) / static_cast<double>(wanted.size());
      const SegmentExplain line = Sealed(*request.explain);
      outcome.distances += static_cast<double>(line.distances_by_codes + line.distances_by_rows) / kQueries;
      outcome.plans.insert(line.plan);
    }
    outcome.recall /= kQueries;
    return outcome;
  }
  static Filter NoFilter(size_t) { return {}; }
  static Filter DrawBelow(double share) {
    Filter filter;
    Range range;
    range.lt = share * 100;
    filter.must.push_back(Condition{FieldCondition{"draw", range}});
    return filter;
  }
  // The clusters farthest from the query.
  Filter FarClusters(size_t query, size_t clusters) const {
    const std::vector<size_t> nearest = source_.Nearest(queries_[query]);
    MatchAny any;
    for (size_t i = 1; i <= clusters; ++i) any.values.emplace_back(static_cast<int64_t>(nearest[kClusters - i]));
    Filter filter;
    filter.must.push_back(Condition{FieldCondition{"cluster", any}});
    return filter;
  }

  Source source_;
  std::vector<std::vector<float>> queries_;
};

TEST_P(RecallTargets, AreReachedAndCostLessTheLowerTheyAre) {
  double before = 0;
  for (const double target : {0.8, 0.9, 0.95, 0.99}) {
    SearchRequest request;
    request.recall_target = target;
    const Outcome outcome = Measure(request, NoFilter);
    std::printf("target %.2f: recall %.4f, %.0f distances\n", target, outcome.recall, outcome.distances);
    EXPECT_GE(outcome.recall, target - kTolerance);
    EXPECT_GE(outcome.distances, before) << "at " << target;
    before = outcome.distances;
  }
  SearchRequest least;
  least.recall_target = 0.5;
  EXPECT_LT(Measure(least, NoFilter).distances, 0.7 * before);
}

TEST_P(RecallTargets, AreReachedUnderFilters) {
  for (const double target : {0.9, 0.95, 0.99}) {
    SearchRequest request;
    request.recall_target = target;
    for (const double share : {0.02, 0.5, 0.9}) {
      const Outcome outcome = Measure(request, [&](size_t) { return DrawBelow(share); });
      EXPECT_GE(outcome.recall, target - kTolerance) << target << " where " << share << " pass";
    }
    const Outcome others = Measure(request, [&](size_t i) { return FarClusters(i, kClusters * 3 / 4); });
    EXPECT_GE(others.recall, target - kTolerance) << target << " away from the query";
  }
}

TEST_P(RecallTargets, OtherNumbersOfAnswersReachThemToo) {
  for (const uint64_t limit : {1, 30, 100, 150}) {
    SearchRequest request;
    request.limit = limit;
    request.recall_target = 0.95;
    EXPECT_GE(Measure(request, NoFilter).recall, 0.95 - kTolerance) << limit;
  }
}

TEST_P(RecallTargets, OneIsExact) {
  SearchRequest request;
  request.recall_target = 1;
  const Outcome outcome = Measure(request, NoFilter);
  EXPECT_DOUBLE_EQ(outcome.recall, 1.0);
  EXPECT_EQ(outcome.plans, std::set<std::string>{"scan_all"});
}

// The default width under filters whose rows lie where the query does not, from few to almost all.
TEST_P(RecallTargets, TheDefaultFindsRowsThatLieApartFromTheQuery) {
  for (const size_t clusters :
       {size_t{1}, kClusters / 10, kClusters / 2, kClusters * 3 / 4, kClusters * 9 / 10, kClusters - 1}) {
    const Outcome outcome = Measure({}, [&](size_t i) { return FarClusters(i, clusters); });
    std::printf("%zu of %zu clusters: recall %.4f, %.0f distances\n", clusters, kClusters, outcome.recall,
                outcome.distances);
    EXPECT_GE(outcome.recall, 0.95) << clusters << " clusters";
  }
  for (const double share : {0.01, 0.1, 0.3, 0.7, 0.9}) {
    const Outcome outcome = Measure({}, [&](size_t) { return DrawBelow(share); });
    EXPECT_GE(outcome.recall, GetParam() == Data::kUniform ? 0.9 : 0.95) << share;
  }
}

TEST_P(RecallTargets, AreTheCollectionsUnlessTheSearchSaysOtherwise) {
  SchemaChange change;
  change.search = SearchConfig{.recall_target = 0.8};
  ASSERT_TRUE(database_->AlterCollection("c", change).ok());
  Open();
  SearchRequest request;
  request.query = queries_[0];
  const auto ef_search = [&] {
    request.explain = std::make_shared<SearchExplain>();
    Search(request);
    return Sealed(*request.explain).ef_search;
  };
  const uint64_t low = ef_search();
  EXPECT_EQ(request.explain->recall_target, 0.8);
  request.recall_target = 0.95;
  EXPECT_GT(ef_search(), low);
  request.ef_search = 77;
  EXPECT_EQ(ef_search(), 77u);
  request.ef_search.reset();
  request.recall_target.reset();
  change.search = SearchConfig{};
  ASSERT_TRUE(database_->AlterCollection("c", change).ok());
  EXPECT_EQ(ef_search(), 128u);
  for (const double wrong : {0.0, -1.0, 1.0001, std::nan("")}) {
    request.recall_target = wrong;
    EXPECT_FALSE(Get()->Search(request).ok()) << wrong;
    change.search = SearchConfig{.recall_target = wrong};
    EXPECT_FALSE(database_->AlterCollection("c", change).ok()) << wrong;
  }
}

TEST_P(RecallTargets, WhatWasMeasuredIsKeptAndMadeAnewWhenItIsDamaged) {
  SearchRequest request;
  request.query = queries_[0];
  request.recall_target = 0.9;
  const auto reason = [&] {
    request.explain = std::make_shared<SearchExplain>();
    Search(request);
    return Sealed(*request.explain).reason;
  };
  const std::string measured = reason();
  EXPECT_NE(measured.find("measured to reach"), std::string::npos) << measured;
  ASSERT_EQ(Files("recall-").size(), 1u);
  Open();
  EXPECT_EQ(reason(), measured);
  database_.reset();
  ASSERT_TRUE(storage::FlipBit(Files("recall-").front(), 20, 3));
  Open();
  EXPECT_NE(reason().find("has not been measured yet"), std::string::npos) << reason();
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(reason(), measured);
}

TEST_P(RecallTargets, AreMeasuredWithTheQueriesOfUsersOnceThereAreEnough) {
  const auto recent = [&] {
    auto collection = Get();
    uint32_t queries = 0;
    for (const auto& shard : static_cast<LocalCollection*>(collection.get())->shards()) {
      for (const auto& segment : *shard->segments()) {
        for (const auto& [number, column] : segment->parts().vectors) {
          if (column->recall() != nullptr) queries += column->recall()->recent_queries;
        }
      }
    }
    return queries;
  };
  EXPECT_EQ(recent(), 0u);
  for (size_t i = 0; i < 70; ++i) {
    SearchRequest request;
    request.query = queries_[i];
    Search(request);
  }
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(recent(), 70u);
}

class FarRows : public RecallTargets {};

// Narrow walks among clusters that lie apart lose their way when the near ones do not pass.
TEST_P(FarRows, AreFoundByNarrowSearches) {
  for (const size_t clusters : {kClusters / 2, kClusters * 3 / 4, kClusters * 9 / 10}) {
    const Outcome outcome = Measure({.limit = 10, .ef_search = 32}, [&](size_t i) { return FarClusters(i, clusters); });
    std::printf("%zu of %zu clusters: recall %.4f, %.0f distances\n", clusters, kClusters, outcome.recall,
                outcome.distances);
    EXPECT_GE(outcome.recall, 0.97) << clusters << " clusters";
  }
}

INSTANTIATE_TEST_SUITE_P(Data, FarRows, testing::Values(Data::kSeparated), [](const auto&) { return "Separated"; });
INSTANTIATE_TEST_SUITE_P(Data, RecallTargets, testing::Values(Data::kClustered, Data::kUniform),
                         [](const auto& param) { return param.param == Data::kClustered ? "Clustered" : "Uniform"; });

}  // namespace
}  // namespace lineal::engine
