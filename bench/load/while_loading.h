// How searches and acknowledgements do while points come in: at no rate, at half of the greatest, at the greatest; and
// acknowledgements with and without an index being built.
//
// Threads: one.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/bulk_load.h"
#include "bench/load/load_run.h"
#include "bench/load/steady_load.h"

namespace lineal::bench {

struct WhileLoadingOptions {
  std::string rest;  // addresses
  std::string grpc;
  std::string api_key;
  std::vector<std::string> rates;  // of "half", "full"
  std::vector<size_t> connections;
  double seconds = 5;
  size_t rows_per_message = 100;
  uint32_t m = 16;
  uint32_t ef_construct = 100;
  double index_seconds_max = 3600;
};

struct LoadedRun {
  std::string rate;  // "idle", "half", "full"
  LoadRun searches;
  SteadyLoadResult load;
};
struct WhileLoading {
  double greatest_rows_per_s = 0;
  SteadyLoadResult greatest;  // nobody searches
  std::vector<LoadedRun> runs;
  // At half of the greatest rate, nobody searches, into a collection of its own.
  SteadyLoadResult with_index, without_index;
};

// `bulk` names a collection that is loaded and indexed with `rows`; it grows.
absl::StatusOr<WhileLoading> MeasureWhileLoading(const WhileLoadingOptions& options, const BulkTarget& bulk,
                                                 const Matrix& rows, const QuestionSet& questions);

std::string WhileLoadingMarkdown(const WhileLoading& result);
std::string WhileLoadingJson(const WhileLoading& result);

}  // namespace lineal::bench
