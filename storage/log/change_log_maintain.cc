// What happens behind the commits: segments made and dropped, and the way back after a full disk.
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "storage/log/local_change_log.h"
#include "storage/log/read_back.h"

namespace lineal::storage {
namespace {

// Room worth coming back for.
constexpr uint64_t kReopenBytes = 1 << 20;

}  // namespace

void LocalChangeLog::WakeMaintenance() {
  {
    std::lock_guard lock(mutex_);
    work_waits_ = true;
  }
  wake_.notify_one();
}

void LocalChangeLog::MaintenanceLoop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    auto ready = [this] { return stopping_ || work_waits_; };
    if (KindOf(health_) == ErrorKind::kDiskFull) {
      wake_.wait_for(lock, std::chrono::milliseconds(options_.reopen_poll_ms), ready);
    } else {
      wake_.wait(lock, ready);
    }
    if (stopping_) return;
    work_waits_ = false;
    const absl::Status health = health_;
    lock.unlock();
    if (health.ok()) {
      MaintainOnce();
    } else if (KindOf(health) == ErrorKind::kDiskFull) {
      TryReopen();
    }
    lock.lock();
  }
}

void LocalChangeLog::MaintainOnce() {
  absl::Status maintained;
  {
    std::lock_guard maintain(maintain_mutex_);
    maintained = database_->Maintain(ReleasedSeq());
  }
  if (!maintained.ok()) Fail(maintained);
}

absl::StatusOr<uint64_t> LocalChangeLog::Cut() {
  LINEAL_RETURN_IF_ERROR(Health());
  absl::StatusOr<uint64_t> number = Unavailable("the change log ", directory_, " is closed");
  commits_.RunAlone([&] {
    std::shared_lock database_lock(database_mutex_);
    std::lock_guard maintain(maintain_mutex_);
    if (database_) number = database_->Cut();
  });
  if (!number.ok()) Fail(number.status());
  return number;
}

absl::StatusOr<bool> LocalChangeLog::LetGo(uint64_t number) {
  LINEAL_RETURN_IF_ERROR(Health());
  std::shared_lock database_lock(database_mutex_);
  std::lock_guard maintain(maintain_mutex_);
  if (!database_) return Unavailable("the change log ", directory_, " is closed");
  absl::StatusOr<bool> gone = database_->LetGo(number, ReleasedSeq());
  if (!gone.ok()) Fail(gone.status());
  return gone;
}

// The first failure stays. A full disk is left by TryReopen, any other by a restart of the process: a sync that failed
// may have thrown away what it was asked to keep, so it is never tried again.
void LocalChangeLog::Fail(const absl::Status& status) {
  {
    std::lock_guard lock(mutex_);
    if (!health_.ok()) return;
    health_ = KindOf(status) == ErrorKind::kDiskFull
                  ? status
                  : Unavailable("the change log takes no writes until the server is restarted: ", MessageOf(status));
    work_waits_ = true;
  }
  Log(LogLevel::kError, "the change log stopped taking writes", {{"error", std::string(MessageOf(status))}});
  wake_.notify_one();
}

void LocalChangeLog::TryReopen() {
  if (!resources_->CheckRoom(kReopenBytes, false).ok()) return;
  absl::Status reopened;
  commits_.RunAlone([&] {
    std::unique_lock database_lock(database_mutex_);
    reopened = ReopenAndReadBack();
  });
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    health_ = reopened.ok() || KindOf(reopened) == ErrorKind::kDiskFull
                  ? reopened
                  : Unavailable("the change log takes no writes until the server is restarted: ", MessageOf(reopened));
  }
  if (reopened.ok()) {
    Log(LogLevel::kInfo, "there is room again: the change log takes writes", {});
    WakeMaintenance();
  } else {
    Log(LogLevel::kWarning, "the change log could not be reopened", {{"error", std::string(MessageOf(reopened))}});
  }
}

// What reached the disk beyond the last committed entry was never acknowledged, but will be there after any restart: it
// becomes committed now.
absl::Status LocalChangeLog::ReopenAndReadBack() {
  database_.reset();
  LINEAL_ASSIGN_OR_RETURN(database_, LogDatabase::Open(directory_, resources_, options_.segment_bytes));
  for (const std::shared_ptr<ShardState>& state : OpenShards()) {
    LINEAL_ASSIGN_OR_RETURN(std::vector<LogEntry> survivors, ReadBack(*database_, state->shard, state->head));
    std::lock_guard lock(state->mutex);
    for (LogEntry& entry : survivors) {
      state->head = HeadOf(entry);
      state->committed.push_back(std::move(entry));
    }
  }
  return absl::OkStatus();
}

}  // namespace lineal::storage
