#include "storage/rows/store_health.h"

#include <chrono>

#include "base/log.h"
#include "base/status.h"
#include "storage/rocks/rocks_status.h"

namespace lineal::storage {

absl::Status StoreHealth::Get() const {
  std::lock_guard lock(mutex_);
  return status_;
}

void StoreHealth::Fail(const absl::Status& status) {
  {
    std::lock_guard lock(mutex_);
    if (!status_.ok()) return;
    status_ = status;
  }
  Log(LogLevel::kError, "a shard's data stopped taking writes",
      {{"directory", directory_}, {"error", std::string(MessageOf(status))}});
}

void StoreHealth::Clear() {
  std::lock_guard lock(mutex_);
  status_ = absl::OkStatus();
}

uint64_t StoreHealth::flushes() const {
  std::lock_guard lock(mutex_);
  return flushes_;
}

void StoreHealth::AwaitFlush(uint64_t seen) {
  std::unique_lock lock(mutex_);
  flushed_.wait_for(lock, std::chrono::seconds(1), [&] { return flushes_ > seen; });
}

void StoreHealth::OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) {
  {
    std::lock_guard lock(mutex_);
    ++flushes_;
  }
  flushed_.notify_all();
}

// A flush makes what the log may then give back: it may draw on the reserve. That there is no room even so shows in
// the flush itself.
void StoreHealth::OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) {
  resources_->CheckRoom(0, true).IgnoreError();
}

void StoreHealth::OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) {
  absl::Status ours = FromRocks(*status, StrCat("background work on ", directory_));
  // A compaction that found no room has changed nothing and is tried again with the next flush.
  if (reason == rocksdb::BackgroundErrorReason::kCompaction && status->IsNoSpace()) {
    Log(LogLevel::kWarning, "a compaction found no room", {{"directory", directory_}});
    return;
  }
  Fail(ours);
}

}  // namespace lineal::storage
