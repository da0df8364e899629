// Questions asked under filters, and their exact answers by a scan of the rows that pass.
//
// Threads: one at a time; the scan may use the executor's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/executor.h"
#include "bench/load/load_run.h"
#include "bench/load/number_filters.h"
#include "bench/sets/data_set.h"

namespace lineal::bench {

struct FilteredRows {
  const DataSet& data;
  std::vector<uint32_t> numbers;  // of its rows
};

// All questions of the data, each under the next of `count` filters (or of as many as there are questions) that pass
// `share` of the rows.
QuestionSet MakeFilteredQuestions(const FilteredRows& rows, double share, size_t count, const QuestionOptions& options,
                                  Executor* executor);

}  // namespace lineal::bench
