// A database of one's own in a temporary directory, filled and fully indexed.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "base/temporary_directory.h"
#include "bench/filter/filter_plan.h"
#include "bench/sets/data_set.h"
#include "engine/api/database.h"

namespace lineal::bench {

struct DatabaseSettings {
  uint32_t m = 16, ef_construct = 100;
  size_t threads = 2;                // of searches and of building
  std::optional<uint64_t> graph_kb;  // vectors of fewer KB have no graph; the database's own limit if not given
  double index_seconds_max = 3'600;
};

class FilterDatabase {
 public:
  // Row i becomes point i with the numbers of `plan` as its payload, every field indexed. Returns when the optimizer
  // has nothing left to do; DEADLINE_EXCEEDED if that takes longer than allowed.
  static absl::StatusOr<std::unique_ptr<FilterDatabase>> Make(const DataSet& data, const FilterPlan& plan,
                                                              const DatabaseSettings& settings);
  ~FilterDatabase();

  engine::Collection& collection() { return *collection_; }
  double load_seconds() const { return load_seconds_; }
  double index_seconds() const { return index_seconds_; }

 private:
  FilterDatabase() = default;
  absl::Status Open(const DataSet& data, const FilterPlan& plan, const DatabaseSettings& settings);
  absl::Status Fill(const DataSet& data, const FilterPlan& plan);
  absl::Status AwaitIndexed(double seconds_max);

  TemporaryDirectory directory_;
  std::unique_ptr<engine::Database> database_;
  std::shared_ptr<engine::Collection> collection_;
  double load_seconds_ = 0, index_seconds_ = 0;
};

}  // namespace lineal::bench
