#include "bench/filter/filter_plan.h"

#include <algorithm>

#include "bench/sets/clusters.h"
#include "gtest/gtest.h"

namespace lineal::bench {
namespace {

constexpr size_t kRows = 2000, kQueries = 160, kPivots = 4;

DataSet Clustered() {
  DataSet data;
  GenerateClusters({kRows, kQueries, 16, 1}, &data);
  return data;
}

double SquaredDistance(const DataSet& data, size_t query, size_t row) {
  double sum = 0;
  for (size_t i = 0; i < data.base.dim; ++i) {
    const double difference = data.queries.row(query)[i] - data.base.row(row)[i];
    sum += difference * difference;
  }
  return sum;
}

std::vector<size_t> Passing(const FilterPlan& plan, const engine::Filter& filter) {
  const auto& condition = std::get<engine::FieldCondition>(filter.must.at(0).test);
  const auto& range = std::get<engine::Range>(condition.test);
  const auto field = std::ranges::find(plan.fields, condition.key) - plan.fields.begin();
  std::vector<size_t> rows;
  for (size_t row = 0; row < plan.rows; ++row) {
    const uint32_t number = plan.numbers[static_cast<size_t>(field)][row];
    if ((!range.lt || number < *range.lt) && (!range.gte || number >= *range.gte)) rows.push_back(row);
  }
  return rows;
}

TEST(FilterPlan, EveryFilterPassesTheRowsOfItsSelectivity) {
  const FilterPlan plan = PlanFilters(Clustered(), kPivots, 1);
  EXPECT_EQ(plan.RowsAt(0.0001), 1u);
  EXPECT_EQ(plan.RowsAt(0.01), 20u);
  for (Correlation correlation : kCorrelations) {
    for (double selectivity : kSelectivities) {
      for (size_t pivot = 0; pivot < kPivots; ++pivot) {
        EXPECT_EQ(Passing(plan, plan.FilterFor(correlation, selectivity, pivot)).size(), plan.RowsAt(selectivity))
            << NameOf(correlation) << " " << selectivity;
      }
    }
  }
}

TEST(FilterPlan, CorrelatedRowsLieNearTheQuestionAndAntiCorrelatedOnesFar) {
  const DataSet data = Clustered();
  const FilterPlan plan = PlanFilters(data, kPivots, 1);
  ASSERT_EQ(plan.questions.size(), kQueries / 4);
  double means[3] = {};
  for (const Question& question : plan.questions) {
    for (Correlation correlation : kCorrelations) {
      const auto rows = Passing(plan, plan.FilterFor(correlation, 0.1, question.pivot));
      for (size_t row : rows) {
        means[static_cast<size_t>(correlation)] +=
            SquaredDistance(data, question.query, row) / static_cast<double>(rows.size());
      }
    }
  }
  EXPECT_LT(means[static_cast<size_t>(Correlation::kNear)], 0.8 * means[static_cast<size_t>(Correlation::kNone)]);
  EXPECT_GT(means[static_cast<size_t>(Correlation::kFar)], 1.2 * means[static_cast<size_t>(Correlation::kNone)]);
}

TEST(FilterPlan, ComesFromItsSeed) {
  const DataSet data = Clustered();
  EXPECT_EQ(PlanFilters(data, kPivots, 1).numbers, PlanFilters(data, kPivots, 1).numbers);
  EXPECT_NE(PlanFilters(data, kPivots, 1).numbers, PlanFilters(data, kPivots, 2).numbers);
}

}  // namespace
}  // namespace lineal::bench
