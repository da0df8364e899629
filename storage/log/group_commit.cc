#include "storage/log/group_commit.h"

#include <utility>

namespace lineal::storage {

GroupCommit::GroupCommit(uint64_t group_bytes_max, Commit commit)
    : group_bytes_max_(group_bytes_max), commit_(std::move(commit)) {}

void GroupCommit::Submit(CommitRequest* request) {
  std::unique_lock lock(mutex_);
  queue_.push_back(request);
  WaitForTurn(request, &lock);
  if (request->done) return;
  TakeGroup();
  lock.unlock();
  commit_(group_);
  lock.lock();
  for (CommitRequest* member : group_) {
    member->done = true;
    // The lock is held: the member cannot leave, and take its condition with it, before this returns.
    if (member != request) member->turn.notify_one();
  }
  HandOver();
}

void GroupCommit::RunAlone(const std::function<void()>& work) {
  CommitRequest request;
  request.alone = true;
  std::unique_lock lock(mutex_);
  queue_.push_back(&request);
  WaitForTurn(&request, &lock);
  queue_.pop_front();
  lock.unlock();
  work();
  lock.lock();
  HandOver();
}

// Returns when the request is done, or first in the queue with the lead in its hands.
void GroupCommit::WaitForTurn(CommitRequest* request, std::unique_lock<std::mutex>* lock) {
  request->turn.wait(*lock, [&] { return request->done || (!led_ && queue_.front() == request); });
  if (!request->done) led_ = true;
}

void GroupCommit::TakeGroup() {
  group_.clear();
  uint64_t bytes = 0;
  while (!queue_.empty() && !queue_.front()->alone) {
    CommitRequest* next = queue_.front();
    if (!group_.empty() && bytes + next->bytes > group_bytes_max_) break;
    bytes += next->bytes;
    group_.push_back(next);
    queue_.pop_front();
  }
}

void GroupCommit::HandOver() {
  led_ = false;
  if (!queue_.empty()) queue_.front()->turn.notify_one();
}

}  // namespace lineal::storage
