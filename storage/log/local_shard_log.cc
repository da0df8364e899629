#include "storage/log/local_shard_log.h"

#include <utility>

#include "storage/log/local_change_log.h"

namespace lineal::storage {

LocalShardLog::~LocalShardLog() { log_->CloseShard(state_.get()); }

absl::StatusOr<Seq> LocalShardLog::Append(const EntryDraft& draft) { return log_->Append(state_.get(), draft); }

std::vector<LogEntry> LocalShardLog::TakeCommitted() {
  std::lock_guard lock(state_->mutex);
  return std::exchange(state_->committed, {});
}

LogHead LocalShardLog::head() const {
  std::lock_guard lock(state_->mutex);
  return state_->head;
}

void LocalShardLog::Release(Seq seq) { log_->Release(state_.get(), seq); }

}  // namespace lineal::storage
