// Filtered and unfiltered searches under the clock.
//
// Threads: one at a time; the engine may use its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/filter/filter_plan.h"
#include "bench/sets/data_set.h"
#include "engine/api/database.h"

namespace lineal::bench {

// One filter over all questions.
struct FilterResult {
  std::optional<Correlation> correlation;  // none: without a filter
  double selectivity = 1;
  size_t rows = 0;          // that pass
  double recall = 0;        // of at most k answers, against exact search with the same filter
  std::vector<double> qps;  // per CPU-second of the process, one of each repeat

  double median_qps() const;
};

// Without a filter first, then every correlation at every selectivity. ef_search is the engine's default where it is
// not given. Repeats go round all of them.
absl::StatusOr<std::vector<FilterResult>> RunFilters(const DataSet& data, const FilterPlan& plan, size_t k,
                                                     std::optional<uint32_t> ef_search,
                                                     const std::vector<double>& selectivities, size_t repeats,
                                                     engine::Collection* collection);

}  // namespace lineal::bench
