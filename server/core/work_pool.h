// Where requests run: a fixed number of threads for reads and for writes, with bounded queues. A door parses on its own
// threads and hands the blocking part here; when a queue is full the request is refused at once.
//
// Threads: any.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "base/executor.h"

namespace lineal::server {

enum class WorkKind { kRead, kWrite, kManage };

struct WorkPoolOptions {
  size_t read_threads = 4;
  std::vector<int> read_processors = {};  // that they are kept to; none: all
  size_t write_threads = 16;              // they mostly wait for a shared sync
  size_t queue_max = 1024;                // a kind
};

class WorkPool {
 public:
  explicit WorkPool(const WorkPoolOptions& options);
  // RESOURCE_EXHAUSTED of kind overload when the queue of that kind is full, UNAVAILABLE when stopping.
  absl::Status Submit(WorkKind kind, std::function<void()> work);
  size_t queued(WorkKind kind) const;
  // Takes no more, finishes what it has. Idempotent.
  void Stop();

 private:
  Executor& Of(WorkKind kind);

  std::atomic<bool> stopping_{false};
  Executor reads_;
  Executor writes_;
  Executor manage_;
};

}  // namespace lineal::server
