// Many writers, one write. The first request to arrive leads: it commits for all that wait, then hands the lead to the
// next. Whoever leads has what the commit touches to itself.
//
// Threads: any.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "storage/log/log_entry.h"

namespace lineal::storage {

struct ShardState;

// One append on its way. Owned by the thread that waits for it.
struct CommitRequest {
  ShardState* shard = nullptr;
  LogEntry entry;
  uint64_t bytes = 0;
  Seq seq = kNoSeq;  // filled in by the leader, with `status`
  absl::Status status;

 private:
  friend class GroupCommit;
  bool done = false;
  bool alone = false;
  std::condition_variable turn;
};

class GroupCommit {
 public:
  using Commit = std::function<void(std::span<CommitRequest* const>)>;
  GroupCommit(uint64_t group_bytes_max, Commit commit);

  // Returns when the request has been part of a commit.
  void Submit(CommitRequest* request);
  // Runs `work` between two commits.
  void RunAlone(const std::function<void()>& work);

 private:
  void WaitForTurn(CommitRequest* request, std::unique_lock<std::mutex>* lock);
  void TakeGroup();
  void HandOver();

  const uint64_t group_bytes_max_;
  const Commit commit_;
  std::mutex mutex_;
  std::deque<CommitRequest*> queue_;
  bool led_ = false;
  std::vector<CommitRequest*> group_;  // the leader's
};

}  // namespace lineal::storage
