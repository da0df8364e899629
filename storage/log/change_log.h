// The node's change log: one synced RocksDB for all shards (docs/format/change_log.md). Group commit across shards and
// writers: the first writer to arrive writes for all that wait.
//
// Threads: any. OpenShard before anything else of that shard.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "storage/log/shard_log.h"
#include "storage/rocks/resources.h"

namespace lineal::storage {

struct ChangeLogOptions {
  uint64_t segment_bytes = 64ull << 20;  // a column family is closed at this size and dropped when released
  uint64_t group_bytes_max = 8ull << 20;
  int64_t reopen_poll_ms = 1000;  // how often a log that met a full disk looks for room
};

class ChangeLog {
 public:
  static absl::StatusOr<std::unique_ptr<ChangeLog>> Open(const std::string& directory, RocksResources* resources,
                                                         const Clock* clock, const ChangeLogOptions& options);
  virtual ~ChangeLog() = default;

  // `applied` is what the shard's data holds. Entries after it, if the log has any, are checked (checksum, digest,
  // chain, no gap) and become the first TakeCommitted(). DATA_LOSS when the chain is broken or entries between
  // `applied` and the log's first are missing.
  virtual absl::StatusOr<std::unique_ptr<ShardLog>> OpenShard(ShardId shard, const LogHead& applied) = 0;
  // Forgets a shard: its entries may go.
  virtual void DropShard(ShardId shard) = 0;

  // Shards whose unreleased entries hold back the oldest closed column family, so that they can be flushed.
  virtual std::vector<ShardId> ShardsHoldingBack() = 0;
  // Entries of before the call stand from now on in files that no later entry is written to; later ones in segments of
  // the number returned and greater ones.
  virtual absl::StatusOr<uint64_t> Cut() = 0;
  // Takes what is released off the disk before it returns. True if nothing older than segment `number` is left there.
  virtual absl::StatusOr<bool> LetGo(uint64_t number) = 0;
  // Every entry of every shard checked; calls `problem` with each finding.
  virtual absl::Status Verify(const std::function<void(const std::string&)>& problem) = 0;

  // Why writes are refused, or OK. After a failed sync the log refuses writes until it has been reopened and read back,
  // which it does by itself when there is room again (a full disk) and not at all after other I/O errors.
  virtual absl::Status Health() const = 0;
  virtual uint64_t disk_bytes() const = 0;
  // Of entries not yet released, in memory.
  virtual uint64_t memory_bytes() const = 0;
  virtual void Close() = 0;
};

}  // namespace lineal::storage
