// The background work of a node: listing new rows, sealing, building, merging, vacuuming, letting the log go. One
// thread lists, with the priority of requests: what it has not come to is scanned row by row by each of them. One
// seals, so that memory is given back whatever else goes on, and one builds, over an executor of its own, both with a
// lower priority.
//
// Threads: any.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "engine/api/database.h"
#include "engine/optimizer/compaction.h"
#include "engine/optimizer/task_choice.h"
#include "engine/shard/shard.h"

namespace lineal::engine {

struct OptimizerOptions {
  size_t threads = 1;           // for building graphs
  std::vector<int> processors;  // that all of its threads are kept to; none: all
  const Clock* clock = nullptr;
  storage::ChangeLog* log = nullptr;
  std::function<absl::Status()> tidy_node;  // what belongs to no shard; called about once a second, may be empty
};

class Optimizer {
 public:
  explicit Optimizer(const OptimizerOptions& options);
  ~Optimizer();

  // Starts the threads; without it nothing runs but RunToEnd().
  void Start();
  // Takes no new work, cancels what can be, waits. Idempotent.
  void Stop();
  void Wake();

  void Add(Shard* shard, const std::string& collection, uint32_t shard_number);
  // Returns when no work touches the shard any more.
  void Remove(Shard* shard);

  // Runs, on the calling thread, everything the shard needs until nothing is left.
  absl::Status RunToEnd(Shard* shard);

  std::vector<OptimizerTask> Tasks();
  // The last failure of work on that shard, until some succeeds.
  std::string ProblemOf(const Shard* shard);

 private:
  struct Member {
    Shard* shard = nullptr;
    std::string collection;
    uint32_t number = 0;
    int in_use = 0;
    bool removed = false;
    std::atomic<bool> cancelled{false};
    std::atomic<uint64_t> done_rows{0};
    std::optional<TaskKind> running;
    uint64_t total_rows = 0;
    int64_t started_ns = 0;
    std::string problem;
    int64_t retry_at_ns = 0;
    int64_t vacuum_at_ns = 0;
    int64_t trim_at_ns = 0;
    bool floor_moved = false;
  };
  enum class Role { kList, kSeal, kBuild };
  ThreadPlace Place(int nice) const { return {nice, options_.processors}; }

  void Loop(Role role);
  // Whether anything was done.
  bool RunRound(Role role);
  absl::StatusOr<bool> RunOne(Member& member, Role role);
  absl::Status RunTask(Member& member, const TaskChoice& task, Role role);
  absl::Status Tidy(Member& member);
  void TidyNode();
  void GiveMemoryBack();
  std::vector<std::shared_ptr<Member>> Members();

  const OptimizerOptions options_;
  Executor executor_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable released_;
  uint64_t wakes_ = 0;
  bool stopping_ = false;
  std::vector<std::shared_ptr<Member>> members_;
  int64_t node_at_ns_ = 0;  // of the sealing thread
  std::atomic<bool> heap_to_trim_{false};
  std::vector<ServiceThread> threads_;
};

}  // namespace lineal::engine
