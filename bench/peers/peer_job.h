// What a program of bench/peers is given to build.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/peers/peer_process.h"
#include "bench/sets/data_set.h"

namespace lineal::bench {

struct PeerJob {
  size_t m = 16;
  size_t ef_construct = 200;
  size_t threads = 1;
};

// Writes rows, queries and job into `folder`, which outlives the program, and starts it there. The first thing it says
// is what the build took. UNAVAILABLE where the peer cannot be had.
absl::StatusOr<std::unique_ptr<PeerProcess>> StartPeer(const std::string& name, const std::string& folder,
                                                       const DataSet& data, const PeerJob& job);

}  // namespace lineal::bench
