// Which payload the rows get, and which questions are asked with which filters.
//
// Every row has a number from 0 to rows - 1 in each field: `random`, a random order of all rows, and `near_P` for each
// of some pivots, the rows in order of their distance to that pivot (itself a row). A question is asked with the pivot
// that it lies near, so that `near_P < n` passes rows around the question and `near_P >= rows - n` those farthest from
// it, while `random < n` has nothing to do with it. Each passes exactly n rows.
//
// Rows may also belong to tenants, one for each of some shares of the rows, in the order of `random`.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/sets/data_set.h"
#include "engine/api/filter.h"

namespace lineal::bench {

enum class Correlation { kNone, kNear, kFar, kTenant };
inline constexpr Correlation kCorrelations[] = {Correlation::kNone, Correlation::kNear, Correlation::kFar};
const char* NameOf(Correlation correlation);  // "uncorrelated", "correlated", "anti-correlated", "tenant"

inline constexpr double kSelectivities[] = {0.0001, 0.001, 0.01, 0.1, 0.5, 0.9};

struct Question {
  size_t query = 0;  // of the set's queries
  size_t pivot = 0;
};

struct FilterPlan {
  size_t rows = 0;
  std::vector<std::string> fields;             // "random", "near_0", ...
  std::vector<std::vector<uint32_t>> numbers;  // of each field, by row
  std::vector<Question> questions;
  std::vector<double> tenants;  // their shares of the rows

  static constexpr char kTenantField[] = "tenant";
  // The name of a tenant, and whether a row is one of its.
  static std::string TenantOf(double share);
  bool Owns(double share, size_t row) const { return numbers[0][row] < RowsAt(share); }

  // Rows that pass at a selectivity; at least one.
  size_t RowsAt(double selectivity) const;
  engine::Filter FilterFor(Correlation correlation, double selectivity, size_t pivot) const;
};

// Of each pivot's questions the nearest quarter of what would be its share is asked.
FilterPlan PlanFilters(const DataSet& data, size_t pivots, uint64_t seed);

}  // namespace lineal::bench
