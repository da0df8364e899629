#include "bench/filter/filter_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "base/random.h"
#include "base/strings.h"
#include "bench/sets/progress_line.h"

namespace lineal::bench {
namespace {

constexpr size_t kShareAsked = 4;

// Smaller is nearer.
double DistanceOf(index::Distance distance, const float* a, const float* b, size_t dim) {
  double sum = 0;
  for (size_t i = 0; i < dim; ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    sum += distance == index::Distance::kL2 ? difference * difference : -static_cast<double>(a[i]) * b[i];
  }
  return sum;
}

// Item numbers of `matrix` from the nearest to the farthest.
std::vector<uint32_t> ByDistance(const DataSet& data, const Matrix& matrix, const float* pivot) {
  std::vector<double> distances(matrix.rows());
  for (size_t i = 0; i < matrix.rows(); ++i) {
    distances[i] = DistanceOf(data.distance, matrix.row(i), pivot, matrix.dim);
  }
  std::vector<uint32_t> order(matrix.rows());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](uint32_t i) { return distances[i]; });
  return order;
}

// The place of each item in an order.
std::vector<uint32_t> PlacesIn(const std::vector<uint32_t>& order) {
  std::vector<uint32_t> places(order.size());
  for (uint32_t i = 0; i < order.size(); ++i) places[order[i]] = i;
  return places;
}

std::vector<uint32_t> Shuffled(size_t count, Random* random) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random->Below(i)]);
  return order;
}

}  // namespace

const char* NameOf(Correlation correlation) {
  switch (correlation) {
    case Correlation::kNone:
      return "uncorrelated";
    case Correlation::kNear:
      return "correlated";
    case Correlation::kFar:
      return "anti-correlated";
    case Correlation::kTenant:
      return "tenant";
  }
  LINEAL_CHECK(false);
  return "";
}

size_t FilterPlan::RowsAt(double selectivity) const {
  return std::max<size_t>(1, static_cast<size_t>(std::llround(selectivity * static_cast<double>(rows))));
}

std::string FilterPlan::TenantOf(double share) { return StrCat("tenant of ", share); }

engine::Filter FilterPlan::FilterFor(Correlation correlation, double selectivity, size_t pivot) const {
  if (correlation == Correlation::kTenant) {
    engine::Filter filter;
    filter.must.push_back({engine::FieldCondition{kTenantField, engine::MatchValue{TenantOf(selectivity)}}});
    return filter;
  }
  const auto pass = static_cast<double>(RowsAt(selectivity));
  engine::Range range;
  if (correlation == Correlation::kFar) {
    range.gte = static_cast<double>(rows) - pass;
  } else {
    range.lt = pass;
  }
  engine::Filter filter;
  filter.must.push_back({engine::FieldCondition{fields[correlation == Correlation::kNone ? 0 : pivot + 1], range}});
  return filter;
}

FilterPlan PlanFilters(const DataSet& data, size_t pivots, uint64_t seed) {
  Random random(seed);
  FilterPlan plan;
  plan.rows = data.base.rows();
  plan.fields.emplace_back("random");
  plan.numbers.push_back(Shuffled(plan.rows, &random));
  const std::vector<uint32_t> rows = Shuffled(plan.rows, &random);
  const size_t share = std::max<size_t>(1, data.queries.rows() / (kShareAsked * pivots));
  ProgressLine progress("pivots", pivots);
  for (size_t pivot = 0; pivot < pivots; ++pivot) {
    const float* vector = data.base.row(rows[pivot % plan.rows]);
    plan.fields.push_back(StrCat("near_", pivot));
    plan.numbers.push_back(PlacesIn(ByDistance(data, data.base, vector)));
    const std::vector<uint32_t> queries = ByDistance(data, data.queries, vector);
    for (size_t i = 0; i < share && i < queries.size(); ++i) plan.questions.push_back({queries[i], pivot});
    progress.Add(1);
  }
  return plan;
}

}  // namespace lineal::bench
