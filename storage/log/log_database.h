// The RocksDB under the change log: entries in numbered column families (segments), each closed at a size and dropped
// whole once every entry in it is released (docs/format/change_log.md).
//
// Threads: Put() and Write() by one at a time (the commit leader); Maintain(), Cut() and LetGo() by one at a time, and
// Cut() by the leader; the rest by any.
// Closing needs all of them to have ended.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "storage/rocks/resources.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class WriteBatch;
}  // namespace rocksdb

namespace lineal::storage {

class LogDatabase {
 public:
  using ReleasedSeq = std::function<Seq(ShardId)>;
  using EntryVisitor = std::function<absl::Status(Seq, std::string_view bytes)>;

  static absl::StatusOr<std::unique_ptr<LogDatabase>> Open(const std::string& directory, RocksResources* resources,
                                                           uint64_t segment_bytes);
  ~LogDatabase();

  void Put(rocksdb::WriteBatch* batch, ShardId shard, Seq seq, std::string_view header, std::string_view body);
  // Returns when the batch is synced. `newest` is the last seq of each shard in it.
  absl::Status Write(rocksdb::WriteBatch* batch, const std::vector<std::pair<ShardId, Seq>>& newest);

  // True when Maintain() has something to do besides dropping.
  bool WantsMaintenance() const { return wants_maintenance_.load(std::memory_order_relaxed); }
  // Makes the next segment, lets RocksDB begin a new WAL behind a closed one, drops what is released.
  absl::Status Maintain(const ReleasedSeq& released);

  // Makes a new segment the one that takes the writes, in a WAL of its own; between two writes. Its number.
  absl::StatusOr<uint64_t> Cut();
  // Maintain(), and what is dropped has left the disk. Whether no segment before `number` is left.
  absl::StatusOr<bool> LetGo(uint64_t number, const ReleasedSeq& released);

  // In seq order, from `from` on.
  absl::Status ReadShard(ShardId shard, Seq from, const EntryVisitor& visit) const;
  // Every shard that has entries.
  std::vector<ShardId> Shards() const;
  std::vector<ShardId> HoldingBack(const ReleasedSeq& released) const;
  absl::Status DeleteShard(ShardId shard);
  // Reads every block of every file.
  absl::Status VerifyChecksums();
  uint64_t disk_bytes() const;
  uint64_t memory_bytes() const;

 private:
  struct Segment {
    rocksdb::DB* database = nullptr;
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    uint64_t number = 0;
    uint64_t bytes = 0;
    absl::flat_hash_map<ShardId, Seq> newest;
    ~Segment();
  };
  using SegmentPtr = std::shared_ptr<Segment>;

  LogDatabase(std::string directory, uint64_t segment_bytes);
  absl::Status OpenFamilies(RocksResources* resources);
  absl::Status CheckFormat();
  absl::Status FindNewest(Segment* segment);
  absl::StatusOr<SegmentPtr> CreateSegment(uint64_t number);
  absl::Status MakeSpare();
  absl::Status BeginNewWal();
  absl::Status DropReleased(const ReleasedSeq& released);
  void SwitchIfFull();
  Segment* Active() const;
  std::vector<SegmentPtr> Segments() const;

  const std::string directory_;
  const uint64_t segment_bytes_;
  std::unique_ptr<rocksdb::DB> database_;
  rocksdb::ColumnFamilyHandle* default_family_ = nullptr;
  rocksdb::ColumnFamilyHandle* mark_family_ = nullptr;

  mutable std::mutex mutex_;
  std::deque<SegmentPtr> segments_;  // oldest first; the last takes the writes
  SegmentPtr spare_;
  uint64_t next_number_ = 1;
  bool wal_to_roll_ = false;
  std::atomic<bool> wants_maintenance_{false};
};

}  // namespace lineal::storage
