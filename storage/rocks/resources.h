// What all RocksDB instances of a node share: block cache, write-buffer budget, rate limiter, background threads, the
// file system (replaceable, for faults), and the guard that refuses writes before the disk is full.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/file_system.h"

namespace rocksdb {
class Cache;
class FileSystem;
struct DBOptions;
}  // namespace rocksdb

namespace lineal::storage {

struct ResourceOptions {
  uint64_t block_cache_bytes = 256ull << 20;
  uint64_t write_buffer_bytes = 512ull << 20;
  uint64_t background_bytes_per_s = 256ull << 20;
  int background_threads = 2;
  uint64_t disk_reserve_bytes = 64ull << 20;  // a file held for deletes; writes are refused below it
  int64_t space_sample_ms = 5;                // how long one look at the disk's free space is good for
  const Clock* clock = SystemClock();
  // Instead of the operating system's, for tests.
  std::shared_ptr<rocksdb::FileSystem> rocks_file_system;
};

class RocksResources {
 public:
  // `directory` is the data directory whose disk is guarded.
  static absl::StatusOr<std::unique_ptr<RocksResources>> Create(const std::string& directory, lineal::FileSystem* files,
                                                                const ResourceOptions& options);
  virtual ~RocksResources() = default;

  // OK, or RESOURCE_EXHAUSTED of kind disk full with the free bytes and the limit. `bytes` is what the write needs;
  // writes that free space may use the reserve.
  virtual absl::Status CheckRoom(uint64_t bytes, bool frees_space) = 0;

  // Through the file system the databases use; OK if it is there.
  virtual absl::Status MakeDirectory(const std::string& directory) = 0;

  // The options every database has in common: environment, info log, rate limiter, threads, what is never retried.
  // `name` is what its log lines carry. A `data` database also shares the write-buffer budget (the change log bounds
  // its own).
  enum class Budget { kShared, kOwn };
  virtual void Configure(const std::string& name, Budget budget, rocksdb::DBOptions* options) = 0;
  virtual const std::shared_ptr<rocksdb::Cache>& block_cache() const = 0;
  // Bytes that the block cache holds.
  virtual uint64_t cached_bytes() const = 0;
  virtual const ResourceOptions& options() const = 0;
};

}  // namespace lineal::storage
