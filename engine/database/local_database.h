// The database on one machine: a data directory, its catalogue, its collections, and the background work over them.
//
// Threads: any.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "engine/database/catalogue.h"
#include "engine/database/local_collection.h"
#include "engine/database/open_database.h"
#include "engine/lineage/local_lineage.h"
#include "storage/meta/local_meta_store.h"

namespace lineal::engine {

class LocalDatabase final : public Database {
 public:
  static absl::StatusOr<std::unique_ptr<LocalDatabase>> Open(const DatabaseOptions& options);
  ~LocalDatabase() override;

  absl::Status CreateCollection(const std::string& name, const CollectionSchema& schema) override;
  absl::StatusOr<bool> DropCollection(const std::string& name) override;
  absl::Status AlterCollection(const std::string& name, const SchemaChange& change) override;
  absl::StatusOr<std::vector<std::string>> ListCollections() override;
  absl::StatusOr<std::shared_ptr<Collection>> GetCollection(const std::string& name) override;
  absl::Status ChangeAliases(const std::vector<AliasChange>& changes, const std::string& principal) override;
  absl::StatusOr<std::vector<Alias>> ListAliases() override;
  absl::StatusOr<std::vector<AliasMove>> AliasMoves(const std::string& alias) override;
  absl::StatusOr<Lineage*> lineage() override;
  std::vector<OptimizerTask> Tasks() override;
  const MemoryLedger& memory() override;
  absl::Status BackupCollection(const std::string& name, const std::string& directory) override;
  absl::Status RestoreCollection(const std::string& name, const std::string& directory) override;
  absl::StatusOr<Erasure> Erase(const ErasureRequest& request) override;
  absl::StatusOr<std::vector<Erasure>> ListErasures(uint64_t limit) override;
  absl::StatusOr<Erasure> FindErasure(const std::string& id) override;
  absl::Status Ready() override;
  void Stop() override;

  // For tests and tools, with the optimizer off: does all background work of a collection now. Nothing guards one
  // segment against two compactions at once.
  absl::Status OptimizeToEnd(const std::string& name);

 private:
  explicit LocalDatabase(const DatabaseOptions& options);
  absl::Status Load();
  absl::Status LoadCatalogue();
  absl::Status ReleaseCatalogue();
  void RemoveStrayShards();
  void ForgetUnknownShards();
  std::string ShardDirectory(ShardId shard) const;
  absl::StatusOr<std::unique_ptr<Shard>> OpenShard(const std::string& collection, ShardId shard,
                                                   std::shared_ptr<const TableSchema> schema);
  absl::StatusOr<std::shared_ptr<LocalCollection>> OpenCollection(const std::string& name, CollectionRecord record);
  absl::Status LoadAliases();
  // With change_mutex_ held.
  absl::StatusOr<storage::MetaStore::Change> MoveRecord(const std::string& alias, const AliasMove& move);
  // Gives the space its id. With mutex_ held.
  absl::Status CheckTarget(AliasTarget* target);
  // Takes shard numbers that are then never given again.
  absl::StatusOr<std::vector<ShardId>> TakeShardIds(uint32_t count);
  void DiscardShards(const std::vector<ShardId>& shards);
  absl::StatusOr<std::shared_ptr<LocalCollection>> Find(const std::string& name);
  // By id or name; empty for none. CONFLICT for one of another dimension or metric.
  absl::Status BindSpace(const std::string& space, VectorSchema* vector);
  absl::Status CheckNameIsFree(const std::string& name);
  // The collections in which points of a run live, as they are now.
  absl::StatusOr<std::vector<WrittenCollection>> WrittenBy(const std::string& run);
  // Goes on with what a crash, or a failure, left in the middle.
  void ResumeErasures();
  absl::Status FinishErasure(Erasure* erasure);
  // All that was written before the call leaves the change log's files.
  absl::Status ReleaseWholeLog();
  std::vector<std::shared_ptr<LocalCollection>> Collections();

  DatabaseOptions options_;
  MemoryLedger ledger_;
  MemoryBudget budget_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<storage::RocksResources> resources_;
  std::unique_ptr<storage::ChangeLog> log_;
  std::unique_ptr<storage::LocalMetaStore> meta_;
  std::unique_ptr<LocalLineage> lineage_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Optimizer> optimizer_;
  MemoryLedger::Charge process_;
  std::vector<MemoryLedger::Probe> probes_;

  std::mutex erasure_mutex_;  // one erasure at a time
  std::atomic<bool> stopping_{false};
  std::mutex change_mutex_;  // one change of the catalogue at a time
  std::shared_mutex mutex_;  // guards the maps below; held for look-ups and swaps only
  std::map<std::string, std::shared_ptr<LocalCollection>> collections_;
  std::map<std::string, AliasTarget> aliases_;
  bool stopped_ = false;
};

// What the log is told of a collection's record.
AuditEntry SchemaEntry(const char* kind, const std::string& collection, const std::string& record);

}  // namespace lineal::engine
