// What the command line of lineal_bench_load says, and the data it chooses.
//
// Threads: plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/sets/data_set.h"
#include "lineal/v1/collections.pb.h"

namespace CLI {
class App;
}

namespace lineal::bench {

struct LoadOptions {
  std::string rest;
  std::string grpc;
  std::string api_key;
  std::string data;
  std::string queries;
  std::string truth;
  std::string metric = "l2";
  std::string collection = "lineal_bench_load";
  size_t rows = 100'000;
  size_t dim = 100;
  size_t questions = 1000;
  size_t limit = 10;
  uint64_t seed = 1;
  uint32_t m = 16;
  uint32_t ef_construct = 100;
  uint32_t ef_search = 0;
  size_t rows_per_message = 1000;
  double seconds = 5;
  double ingest_rows_per_s = 1000;
  double index_seconds_max = 3600;
  std::vector<size_t> connections = {1, 8, 32};
  std::vector<double> filter_shares;
  size_t filters = 8;
  std::vector<std::string> while_loading;
  size_t restarts = 0;
  std::vector<std::string> bulk_peers;
  size_t repeats = 3;
  bool json = false;
};

void AddLoadOptions(CLI::App* app, LoadOptions* options);
// INVALID_ARGUMENT for options that do not go together. Addresses are left as host:port.
absl::Status CheckLoadOptions(LoadOptions* options);

v1::Metric MetricOf(const LoadOptions& options);
// Generated, or from files; exact answers only where a file has them.
absl::StatusOr<DataSet> MakeLoadData(const LoadOptions& options);

}  // namespace lineal::bench
