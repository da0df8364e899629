// The way of an append: body copied and digested by its writer, seq and chain hash given by the leader, one synced
// write for the group, then published to the shards in seq order.
#include <algorithm>
#include <utility>

#include "base/status.h"
#include "rocksdb/write_batch.h"
#include "storage/log/local_change_log.h"
#include "storage/log/read_back.h"

namespace lineal::storage {
namespace {

// What an entry will take on the disk: in the log, then in the data, with the garbage of compaction between.
constexpr uint64_t kDiskBytesPerBodyByte = 3;
constexpr uint64_t kDiskBytesPerEntry = 512;

}  // namespace

absl::StatusOr<Seq> LocalChangeLog::Append(ShardState* shard, const EntryDraft& draft) {
  LINEAL_RETURN_IF_ERROR(Health());
  LINEAL_RETURN_IF_ERROR(
      resources_->CheckRoom(kDiskBytesPerBodyByte * draft.body.size() + kDiskBytesPerEntry, draft.frees_space));
  CommitRequest request;
  request.shard = shard;
  request.entry.request_id = draft.request_id;
  request.entry.principal = draft.principal;
  request.entry.ingest_context = draft.ingest_context;
  request.entry.body = draft.body;
  request.entry.body_digest = Sha256(draft.body);
  request.bytes = draft.body.size() + kDiskBytesPerEntry;
  commits_.Submit(&request);
  if (!request.status.ok()) return request.status;
  return request.seq;
}

void LocalChangeLog::CommitGroup(std::span<CommitRequest* const> all) {
  if (absl::Status health = Health(); !health.ok()) return Refuse(all, health);
  std::vector<CommitRequest*> group;
  for (CommitRequest* request : all) {
    std::lock_guard lock(request->shard->mutex);
    if (!request->shard->dropped) {
      group.push_back(request);
    } else {
      request->status = FailedPrecondition("shard ", Raw(request->shard->shard), " was dropped");
    }
  }
  if (group.empty()) return;

  absl::flat_hash_map<ShardState*, LogHead> ends;
  rocksdb::WriteBatch batch;
  for (CommitRequest* request : group) {
    LogHead& end = ends.try_emplace(request->shard, request->shard->head).first->second;
    LogEntry& entry = request->entry;
    entry.seq = Next(end.seq);
    entry.wall_ms = std::max(end.wall_ms, clock_->WallMs());
    entry.chain_hash = ChainHash(end.chain_hash, entry);
    end = HeadOf(entry);
    database_->Put(&batch, request->shard->shard, entry.seq, EncodeEntryHeader(entry), entry.body);
  }
  std::vector<std::pair<ShardId, Seq>> newest;
  for (const auto& [shard, end] : ends) newest.emplace_back(shard->shard, end.seq);

  absl::Status written = database_->Write(&batch, newest);
  if (!written.ok()) {
    Fail(written);
    // Some of it may have reached the disk: that is not "nothing was written", whatever the reason.
    return Refuse(group, Unavailable("the write may or may not survive: ", MessageOf(written)));
  }
  Publish(group);
  if (database_->WantsMaintenance()) WakeMaintenance();
}

void LocalChangeLog::Publish(std::span<CommitRequest* const> group) {
  for (CommitRequest* request : group) {
    ShardState& shard = *request->shard;
    request->seq = request->entry.seq;
    std::lock_guard lock(shard.mutex);
    shard.head = HeadOf(request->entry);
    shard.committed.push_back(std::move(request->entry));
  }
}

void LocalChangeLog::Refuse(std::span<CommitRequest* const> group, const absl::Status& status) {
  for (CommitRequest* request : group) request->status = status;
}

}  // namespace lineal::storage
