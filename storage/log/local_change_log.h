// The change log of one machine: group commit into a LogDatabase, maintenance behind it, and recovery after a full
// disk.
//
// Threads: as change_log.h. Order of locks: the commit lead (GroupCommit), `database_mutex_`, `maintain_mutex_`,
// `mutex_`, a shard's.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/executor.h"
#include "storage/log/change_log.h"
#include "storage/log/group_commit.h"
#include "storage/log/log_database.h"
#include "storage/log/shard_state.h"

namespace lineal::storage {

class LocalChangeLog final : public ChangeLog {
 public:
  LocalChangeLog(std::string directory, RocksResources* resources, const Clock* clock, const ChangeLogOptions& options);
  ~LocalChangeLog() override { Close(); }
  absl::Status Start();

  absl::StatusOr<std::unique_ptr<ShardLog>> OpenShard(ShardId shard, const LogHead& applied) override;
  void DropShard(ShardId shard) override;
  std::vector<ShardId> ShardsHoldingBack() override;
  absl::StatusOr<uint64_t> Cut() override;
  absl::StatusOr<bool> LetGo(uint64_t number) override;
  absl::Status Verify(const std::function<void(const std::string&)>& problem) override;
  absl::Status Health() const override;
  uint64_t disk_bytes() const override;
  uint64_t memory_bytes() const override;
  void Close() override;

  // For the shards' logs.
  absl::StatusOr<Seq> Append(ShardState* shard, const EntryDraft& draft);
  void Release(ShardState* shard, Seq seq);
  void CloseShard(ShardState* shard);

 private:
  void CommitGroup(std::span<CommitRequest* const> group);
  void Publish(std::span<CommitRequest* const> group);
  void Refuse(std::span<CommitRequest* const> group, const absl::Status& status);

  void MaintenanceLoop();
  void MaintainOnce();
  void TryReopen();
  absl::Status ReopenAndReadBack();
  void Fail(const absl::Status& status);
  void WakeMaintenance();

  LogDatabase::ReleasedSeq ReleasedSeq();
  std::vector<std::shared_ptr<ShardState>> OpenShards() const;

  const std::string directory_;
  RocksResources* const resources_;
  const Clock* const clock_;
  const ChangeLogOptions options_;
  GroupCommit commits_;

  mutable std::shared_mutex database_mutex_;  // exclusive while the database is exchanged
  std::unique_ptr<LogDatabase> database_;

  std::mutex maintain_mutex_;  // one maintenance of the database at a time

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  absl::Status health_;
  absl::flat_hash_map<ShardId, std::shared_ptr<ShardState>> shards_;
  bool work_waits_ = false;
  bool stopping_ = false;
  ServiceThread maintenance_;
};

}  // namespace lineal::storage
