#include "storage/log/local_change_log.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "storage/log/local_shard_log.h"
#include "storage/log/read_back.h"
#include "storage/log/verify_log.h"

namespace lineal::storage {

absl::StatusOr<std::unique_ptr<ChangeLog>> ChangeLog::Open(const std::string& directory, RocksResources* resources,
                                                           const Clock* clock, const ChangeLogOptions& options) {
  auto log = std::make_unique<LocalChangeLog>(directory, resources, clock, options);
  LINEAL_RETURN_IF_ERROR(log->Start());
  return log;
}

LocalChangeLog::LocalChangeLog(std::string directory, RocksResources* resources, const Clock* clock,
                               const ChangeLogOptions& options)
    : directory_(std::move(directory)),
      resources_(resources),
      clock_(clock),
      options_(options),
      commits_(options.group_bytes_max, [this](std::span<CommitRequest* const> group) { CommitGroup(group); }) {}

absl::Status LocalChangeLog::Start() {
  LINEAL_ASSIGN_OR_RETURN(database_, LogDatabase::Open(directory_, resources_, options_.segment_bytes));
  maintenance_ = ServiceThread("log-maintain", [this] { MaintenanceLoop(); });
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ShardLog>> LocalChangeLog::OpenShard(ShardId shard, const LogHead& applied) {
  std::shared_lock database_lock(database_mutex_);
  if (!database_) return Unavailable("the change log ", directory_, " is closed");
  std::shared_ptr<ShardState> state;
  {
    std::lock_guard lock(mutex_);
    std::shared_ptr<ShardState>& slot = shards_[shard];
    if (slot && slot->open) return FailedPrecondition("the log of shard ", Raw(shard), " is open already");
    slot = state = std::make_shared<ShardState>(shard);
    state->open = true;
  }
  absl::StatusOr<std::vector<LogEntry>> entries = ReadBack(*database_, shard, applied);
  if (!entries.ok()) {
    CloseShard(state.get());
    return entries.status();
  }
  {
    // Given back before WakeMaintenance takes `mutex_`, which comes first in the order of locks.
    std::lock_guard lock(state->mutex);
    state->head = entries->empty() ? applied : HeadOf(entries->back());
    state->committed = *std::move(entries);
    state->released = applied.seq;
  }
  WakeMaintenance();
  return std::make_unique<LocalShardLog>(this, state);
}

void LocalChangeLog::CloseShard(ShardState* shard) {
  std::lock_guard lock(mutex_);
  shard->open = false;
}

void LocalChangeLog::DropShard(ShardId shard) {
  absl::Status deleted;
  commits_.RunAlone([&] {
    std::shared_lock database_lock(database_mutex_);
    {
      std::lock_guard lock(mutex_);
      if (auto found = shards_.find(shard); found != shards_.end()) {
        const auto state = std::move(found->second);  // outlives the lock on it
        shards_.erase(found);
        std::lock_guard shard_lock(state->mutex);
        state->dropped = true;
        state->committed.clear();
      }
    }
    deleted = database_ && Health().ok() ? database_->DeleteShard(shard) : Health();
  });
  if (!deleted.ok()) {
    Log(LogLevel::kWarning, "a dropped shard's log entries stay until it is dropped again",
        {{"shard", StrCat(Raw(shard))}, {"error", std::string(MessageOf(deleted))}});
  }
  WakeMaintenance();
}

void LocalChangeLog::Release(ShardState* shard, Seq seq) {
  {
    std::lock_guard lock(shard->mutex);
    if (seq <= shard->released) return;
    shard->released = seq;
  }
  WakeMaintenance();
}

LogDatabase::ReleasedSeq LocalChangeLog::ReleasedSeq() {
  return [this](ShardId shard) {
    std::lock_guard lock(mutex_);
    auto found = shards_.find(shard);
    if (found == shards_.end()) return kNoSeq;
    std::lock_guard shard_lock(found->second->mutex);
    return found->second->released;
  };
}

std::vector<ShardId> LocalChangeLog::ShardsHoldingBack() {
  std::shared_lock database_lock(database_mutex_);
  return database_ ? database_->HoldingBack(ReleasedSeq()) : std::vector<ShardId>();
}

std::vector<std::shared_ptr<ShardState>> LocalChangeLog::OpenShards() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<ShardState>> open;
  for (const auto& [id, state] : shards_) {
    if (state->open) open.push_back(state);
  }
  return open;
}

absl::Status LocalChangeLog::Health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

uint64_t LocalChangeLog::disk_bytes() const {
  std::shared_lock database_lock(database_mutex_);
  return database_ ? database_->disk_bytes() : 0;
}

uint64_t LocalChangeLog::memory_bytes() const {
  std::shared_lock database_lock(database_mutex_);
  return database_ ? database_->memory_bytes() : 0;
}

void LocalChangeLog::Close() {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    if (health_.ok()) health_ = Unavailable("the change log ", directory_, " is closed");
  }
  wake_.notify_all();
  maintenance_.Join();
  commits_.RunAlone([this] {
    std::unique_lock database_lock(database_mutex_);
    database_.reset();
  });
}

absl::Status LocalChangeLog::Verify(const std::function<void(const std::string&)>& problem) {
  std::shared_lock database_lock(database_mutex_);
  if (!database_) return Unavailable("the change log ", directory_, " is closed");
  return VerifyLog(*database_, problem);
}

}  // namespace lineal::storage
