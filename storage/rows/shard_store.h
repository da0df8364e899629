// The data of one shard copy: one RocksDB of seven column families, written without a WAL of its own from the change
// log (docs/format/shard_store.md). All column families flush together, so what is on disk is always the state after
// one seq, and that seq is on disk with it.
//
// Threads: reads from any thread; Commit() by one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "storage/log/log_entry.h"
#include "storage/rocks/resources.h"

namespace lineal::storage {

// What the `pid` family says of a point: its newest row, and whether that row still lives.
struct PidEntry {
  RowId row = kNoRow;
  Seq born = kNoSeq;
  Seq died = kSeqMax;  // kSeqMax while it lives
  bool alive() const { return died == kSeqMax; }
};

// `chg`: what one seq changed; kept for the history window.
struct ChangeRecord {
  std::vector<RowId> born;
  std::vector<RowId> died;
  std::vector<RowId> payload_changed;  // rows that got a payload version without being born
  int64_t wall_ms = 0;
  Digest body_digest{};
  Digest chain_hash{};
  uint32_t context = 0;  // the number of what it came from; 0: nobody said
};

// The changes of one or more consecutive seqs, committed together.
class StoreBatch {
 public:
  virtual ~StoreBatch() = default;
  virtual void PutRow(RowId row, std::string_view value) = 0;
  virtual void DeleteRow(RowId row) = 0;
  virtual void PutPayload(RowId row, Seq born, std::string_view value) = 0;
  virtual void DeletePayload(RowId row, Seq born) = 0;
  virtual void PutPid(const PointId& id, const PidEntry& entry) = 0;
  virtual void DeletePid(const PointId& id) = 0;
  virtual void PutDied(RowId row, Seq died) = 0;
  virtual void DeleteDied(RowId row) = 0;
  virtual void PutChange(Seq seq, const ChangeRecord& change) = 0;
  virtual void DeleteChangesUpTo(Seq seq) = 0;
  // Where rows came from; keys and values are the engine's.
  virtual void PutOrigin(std::string_view key, std::string_view value) = 0;
  virtual void DeleteOrigin(std::string_view key) = 0;
  virtual void PutMeta(std::string_view key, std::string_view value) = 0;
  virtual void DeleteMeta(std::string_view key) = 0;
};

// One payload version.
struct PayloadVersion {
  Seq born = kNoSeq;
  std::string value;
};

class PidCursor {
 public:
  virtual ~PidCursor() = default;
  virtual void Seek(const PointId& id) = 0;
  virtual void SeekToFirst() = 0;
  virtual bool Valid() const = 0;
  virtual void Next() = 0;
  virtual PointId id() const = 0;
  virtual PidEntry entry() const = 0;
  virtual absl::Status status() const = 0;
};

struct ShardStoreOptions {
  uint64_t memtable_bytes = 64ull << 20;
  uint64_t table_file_bytes = 64ull << 20;
  uint64_t blob_file_bytes = 32ull << 20;
  // Larger values go to blob files, which compaction seldom rewrites.
  uint64_t row_blob_bytes_min = 1024;
  uint64_t payload_blob_bytes_min = 2048;
};

// Bytes in memory beside the node's block cache.
struct StoreMemory {
  uint64_t memtables = 0;
  uint64_t table_readers = 0;
};

class ShardStore {
 public:
  // Creates it if it is not there. DATA_LOSS or UNAVAILABLE with the path.
  static absl::StatusOr<std::unique_ptr<ShardStore>> Open(const std::string& directory, RocksResources* resources,
                                                          const ShardStoreOptions& options = {});
  virtual ~ShardStore() = default;

  // The position of the newest committed batch (in memory), and of what a crash would leave.
  virtual LogHead applied() const = 0;
  virtual Seq durable() const = 0;

  virtual std::unique_ptr<StoreBatch> NewBatch() = 0;
  // One atomic change; `head` becomes applied(). A batch that does not move the position (vacuum, meta) passes
  // applied(). UNAVAILABLE after an I/O error: the store refuses further writes until it is opened again.
  virtual absl::Status Commit(std::unique_ptr<StoreBatch> batch, const LogHead& head) = 0;

  // NOT_FOUND if there is none.
  virtual absl::StatusOr<std::string> GetRow(RowId row) const = 0;
  // One slot each; nothing where there is no such row.
  virtual absl::StatusOr<std::vector<std::optional<std::string>>> GetRows(std::span<const RowId> rows) const = 0;
  virtual absl::StatusOr<std::optional<PidEntry>> GetPid(const PointId& id) const = 0;
  virtual absl::StatusOr<std::vector<std::optional<PidEntry>>> GetPids(std::span<const PointId> ids) const = 0;
  // The newest payload version of the row with born <= at; nothing if it has none.
  virtual absl::StatusOr<std::optional<PayloadVersion>> GetPayload(RowId row, Seq at) const = 0;
  virtual absl::StatusOr<std::vector<std::optional<PayloadVersion>>> GetPayloads(std::span<const RowId> rows,
                                                                                 Seq at) const = 0;
  virtual absl::StatusOr<std::optional<std::string>> GetMeta(std::string_view key) const = 0;
  virtual absl::StatusOr<std::vector<std::optional<std::string>>> GetOrigins(
      std::span<const std::string> keys) const = 0;

  // In key order, from the given key on; `visit` returns false to stop.
  virtual absl::Status ScanRows(RowId from, const std::function<bool(RowId, std::string_view)>& visit) const = 0;
  virtual absl::Status ScanPayloads(RowId from,
                                    const std::function<bool(RowId, Seq born, std::string_view)>& visit) const = 0;
  virtual absl::Status ScanDied(RowId from, const std::function<bool(RowId, Seq died)>& visit) const = 0;
  virtual absl::Status ScanChanges(Seq from, const std::function<bool(Seq, const ChangeRecord&)>& visit) const = 0;
  virtual absl::Status ScanMeta(
      std::string_view prefix,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
  virtual absl::Status ScanOrigins(
      std::string_view from, const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
  virtual std::unique_ptr<PidCursor> NewPidCursor() const = 0;

  // Makes everything applied durable.
  virtual absl::Status Flush() = 0;
  // Writes all files anew without what was deleted or replaced. Takes time with the data, and room for it twice.
  virtual absl::Status Rewrite() = 0;
  // Flushes, and takes what Rewrite() replaced off the disk. Something must have been committed since: the list of
  // files begins with those that there were before the change that it is written for.
  virtual absl::Status RemoveReplaced() = 0;
  // A copy in `directory` (hard links where it can) that holds everything applied before the call.
  virtual absl::Status Checkpoint(const std::string& directory) = 0;
  // Reads every block and checks every checksum and cross-reference (pid → row, died → row, change chain); calls
  // `problem` with each finding.
  virtual absl::Status Verify(const std::function<void(const std::string&)>& problem) = 0;
  virtual uint64_t disk_bytes() const = 0;
  virtual StoreMemory memory() const = 0;
  // Why it refuses writes, or OK.
  virtual absl::Status Health() const = 0;
  virtual void Close() = 0;
};

}  // namespace lineal::storage
