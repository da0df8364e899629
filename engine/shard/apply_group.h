// The effect of consecutive log entries, worked out before anything is written: each entry sees the state left by the
// ones before it, takes effect whole or not at all, and the sum is committed as one batch.
//
// Threads: one, the holder of the shard's apply right.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "engine/payload/value.h"
#include "engine/shard/origin_book.h"
#include "engine/shard/shard_op.h"
#include "engine/shard/shard_view.h"
#include "storage/log/log_entry.h"
#include "storage/rows/shard_store.h"

namespace lineal::engine {

// A row born in the group. Vectors are views into the entries' bodies or into `kept`.
struct PendingRow {
  RowRecord record;
  std::string payload;                      // canonical bytes; "" for none
  std::shared_ptr<const std::string> kept;  // bytes of an older row whose vectors this one carries on
  OriginRecord origin;
};
struct PendingPayload {
  Seq born = kNoSeq;
  std::string bytes;
};

// Changes laid over the store: what one entry, or the group so far, has done.
struct Changes {
  absl::flat_hash_map<PointId, std::optional<storage::PidEntry>> pids;  // nothing: the point has no row at all
  std::map<RowId, PendingRow> rows;
  absl::flat_hash_map<RowId, PendingPayload> payloads;  // the newest, of rows not born here
  std::vector<std::pair<RowId, Seq>> deaths;            // of rows not born here
  absl::flat_hash_set<PointId> touched;                 // points changed in any way
  absl::flat_hash_map<RowId, OriginRecord> origins;     // of payloads above
  std::vector<std::pair<uint32_t, int>> living;         // contexts that gained points, or lost them
};

class ApplyGroup {
 public:
  // `next_row` is the first RowId to give; `view` is the state before the group.
  // `book` outlives this and does not change while this lives.
  ApplyGroup(const ShardView* view, RowId next_row, const OriginBook* book)
      : view_(view), next_row_(next_row), draft_(book, &view->store()) {}

  // OK, or the error that the entry's writer is to see (NOT_FOUND for an update of a point that is not there); either
  // way the entry is accounted for. A failure of storage is returned by storage_status().
  absl::Status Add(const storage::LogEntry& entry, const ShardOps& ops);
  // Reads what the entries will ask for in one go.
  void Prefetch(const std::vector<PointId>& ids);
  const absl::Status& storage_status() const { return storage_status_; }
  bool empty() const { return records_.empty(); }

  const Changes& changes() const { return group_; }
  const std::vector<std::pair<Seq, storage::ChangeRecord>>& records() const { return records_; }
  RowId next_row() const { return next_row_; }
  // Live points gained, less those lost.
  int64_t live_delta() const { return live_delta_; }
  const OriginBook::Draft& origins() const { return draft_; }

  // Everything above as writes.
  void WriteTo(storage::StoreBatch* batch) const;

 private:
  // The numbers of what the entry names.
  absl::Status Number(const ShardOps& ops);
  absl::Status Run(const ShardOp& op, Seq seq);
  absl::Status Upsert(const UpsertOp& op, Seq seq);
  absl::Status Delete(const PointId& id, Seq seq);
  absl::Status UpdateVectors(const UpdateVectorsOp& op, Seq seq);
  absl::Status DeleteVectors(const PointId& id, const std::vector<uint32_t>& numbers, Seq seq);
  // `change` edits the payload in place.
  absl::Status ChangePayload(const PointId& id, Seq seq, const std::function<absl::Status(Value*)>& change);

  // The point's newest row: in the entry, in the group, in the store.
  absl::StatusOr<std::optional<storage::PidEntry>> Find(const PointId& id);
  absl::StatusOr<std::optional<storage::PidEntry>> FindBeforeEntry(const PointId& id);
  absl::StatusOr<std::string> PayloadBytes(RowId row);
  // What the row was born with.
  absl::StatusOr<OriginRecord> OriginOf(RowId row);
  // The row's record; `kept` owns the bytes it views.
  absl::StatusOr<RowRecord> Record(RowId row, std::shared_ptr<const std::string>* kept);
  absl::StatusOr<RowId> LiveRow(const PointId& id);
  // Ends the point's present row, if it lives, and starts another.
  absl::Status Replace(const PointId& id, Seq seq, PendingRow row);
  absl::StatusOr<std::vector<PointId>> Select(const OpSelector& selector);

  const ShardView* const view_;
  RowId next_row_;
  int64_t live_delta_ = 0;
  int64_t entry_live_delta_ = 0;
  OriginBook::Draft draft_;
  uint32_t context_ = 0;           // of the entry
  std::vector<uint32_t> sources_;  // of the entry
  absl::flat_hash_map<RowId, OriginRecord> read_origins_;
  Changes group_;  // its pids are also a cache of what was read
  Changes entry_;
  absl::flat_hash_map<PointId, std::optional<storage::PidEntry>> changed_pids_;
  std::vector<std::pair<RowId, PendingPayload>> payload_writes_;      // every version
  std::vector<std::pair<std::string, OriginRecord>> origin_changes_;  // by their keys
  std::vector<std::pair<Seq, storage::ChangeRecord>> records_;
  absl::Status storage_status_;
};

}  // namespace lineal::engine
