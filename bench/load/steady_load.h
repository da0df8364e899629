// Upserts new points at a given rate, or as fast as they are acknowledged, and notes how long each message took.
//
// Threads: one at a time; a SteadyLoad has two of its own.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/executor.h"
#include "bench/load/bulk_load.h"
#include "bench/sets/data_set.h"
#include "lineal/v1/points.grpc.pb.h"

namespace lineal::bench {

struct SteadyLoadOptions {
  double rows_per_s = 0;  // 0: as fast as the server acknowledges
  size_t rows_per_message = 100;
  size_t messages_in_flight = 4;
  double warm_up_seconds = 1;  // acknowledgements before are not noted
};

// What a load did: rows and latencies after the warm-up.
struct SteadyLoadResult {
  double seconds = 0;
  uint64_t rows = 0;
  std::vector<float> latencies_ms;  // of messages, in order of size
  std::string error;

  double rows_per_s() const { return seconds > 0 ? static_cast<double>(rows) / seconds : 0; }
};

class SteadyLoad {
 public:
  // Points are like `rows`, under ids from *next_id on: questions get other answers than before.
  SteadyLoad(const BulkTarget& target, const Matrix& rows, const SteadyLoadOptions& options, uint64_t* next_id);
  ~SteadyLoad() { Stop(); }
  // Ends the stream and waits for what is on its way. Idempotent.
  SteadyLoadResult Stop();

 private:
  void Write();
  void Read();
  // The next points; the ids follow those before.
  v1::UpsertRequest NextMessage();

  const BulkTarget target_;
  const Matrix& rows_;
  const SteadyLoadOptions options_;
  uint64_t* const next_id_;
  const int64_t start_ns_;
  std::unique_ptr<v1::Points::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::UpsertRequest, v1::UpsertStreamResponse>> stream_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<int64_t> sent_ns_;
  bool ended_ = false;
  bool stopped_ = false;
  SteadyLoadResult result_;
  ServiceThread writer_, reader_;
};

// The time that `share` of the sorted latencies took at most; 0 for none.
float QuantileOf(const std::vector<float>& sorted_ms, double share);

}  // namespace lineal::bench
