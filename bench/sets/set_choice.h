// Which data a benchmark runs on, as its command line says: sets by name, or files.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/sets/data_set.h"

namespace CLI {
class App;
}

namespace lineal::bench {

struct SetChoice {
  std::vector<std::string> sets;  // without --base
  std::string base, queries, truth;
  std::string metric = "l2";  // of --base
  size_t rows = 0;            // 0: all
  size_t queries_count = 1'000;
  uint64_t seed = 1;
};

// --set, --base, --queries, --truth, --metric (--distance), --rows, --queries-count, --seed.
void AddSetOptions(CLI::App* app, SetChoice* choice);

// "clustered-128 (1000000 × 128, l2), ...".
std::string DescribeSets();

// The names to load, one after another: those of --set, or --base.
std::vector<std::string> NamesOf(const SetChoice& choice);

// Rows and queries, without exact answers; those of cosine sets are normalised. INVALID_ARGUMENT for files that do not
// fit together, NOT_FOUND for a set that must be written first.
absl::StatusOr<DataSet> LoadSet(const SetChoice& choice, const std::string& name);

// The exact answers: from --truth, else by exact search on the executor's threads.
absl::Status LoadTruth(const SetChoice& choice, size_t k, Executor* executor, DataSet* data);

// "l2", "ip" or "cos".
const char* NameOf(index::Distance distance);

}  // namespace lineal::bench
