// Bulk load beside that of peers (bench/peers): inserting all rows, then building what searches them.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/bulk_load.h"
#include "bench/load/load_report.h"
#include "bench/load/server_process.h"
#include "bench/peers/peer_job.h"
#include "bench/sets/data_set.h"

namespace lineal::bench {

struct BulkPeersOptions {
  std::vector<std::string> peers;
  size_t repeats = 3;
  PeerJob job;                   // the peers'
  ServerProcessOptions process;  // ours; its data_dir is a new one for every repeat
  std::string collection;
  v1::Metric metric = v1::METRIC_EUCLID;
  uint32_t m = 16, ef_construct = 100;
  size_t rows_per_message = 1000;
  double index_seconds_max = 3600;
};

struct BulkRun {
  std::string system;  // "lineal", or the peer's name
  double insert_s = 0;
  double optimize_s = 0;      // ours: from the last acknowledgement until everything is indexed
  uint64_t indexed_rows = 0;  // ours: by then; few rows are left to scans
  double total_s() const { return insert_s + optimize_s; }
};

// A new server and then a new process of each peer, in turn, `repeats` times; nobody else runs meanwhile.
absl::StatusOr<std::vector<BulkRun>> MeasureBulkPeers(const BulkPeersOptions& options, const DataSet& data);

// Of `facts`, what is known of the data.
std::string BulkPeersMarkdown(const BulkPeersOptions& options, const LoadFacts& facts,
                              const std::vector<BulkRun>& runs);
std::string BulkPeersJson(const BulkPeersOptions& options, const LoadFacts& facts, const std::vector<BulkRun>& runs);

}  // namespace lineal::bench
