// Why a shard's data refuses writes. Told by failed writes and by RocksDB's background work; the first reason stays
// until the store is opened again, or, when it is a full disk, until there was room.
//
// Threads: any.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "rocksdb/listener.h"
#include "storage/rocks/resources.h"

namespace lineal::storage {

class StoreHealth final : public rocksdb::EventListener {
 public:
  StoreHealth(std::string directory, RocksResources* resources)
      : directory_(std::move(directory)), resources_(resources) {}

  absl::Status Get() const;
  void Fail(const absl::Status& status);
  void Clear();

  // Flushes that ended well so far, and a wait for one more than `seen`, a second at most.
  uint64_t flushes() const;
  void AwaitFlush(uint64_t seen);

  void OnFlushCompleted(rocksdb::DB* database, const rocksdb::FlushJobInfo& flush) override;
  void OnFlushBegin(rocksdb::DB* database, const rocksdb::FlushJobInfo& flush) override;
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;

 private:
  const std::string directory_;
  RocksResources* const resources_;
  mutable std::mutex mutex_;
  absl::Status status_;
  uint64_t flushes_ = 0;
  std::condition_variable flushed_;
};

}  // namespace lineal::storage
