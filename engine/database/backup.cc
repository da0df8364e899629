#include "base/status.h"
#include "engine/database/erasure_records.h"
#include "engine/database/local_database.h"

namespace lineal::engine {

absl::Status LocalDatabase::BackupCollection(const std::string& name, const std::string& directory) {
  // Held against a change of schema between the record and the shards.
  std::lock_guard change(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(std::shared_ptr<LocalCollection> collection, Find(name));
  FileSystem* files = options_.file_system;
  if (files->Exists(directory)) return AlreadyExists("backup directory ", directory, " already exists");
  LINEAL_RETURN_IF_ERROR(files->CreateDirectories(directory));
  absl::Status status = collection->Checkpoint(directory);
  // The record last: a directory without it is no backup.
  if (status.ok()) status = files->WriteAtomically(directory + "/COLLECTION", EncodeRecord(*collection->record()));
  // It is known of, so that an erasure can say where there is still something.
  if (status.ok())
    status = lineage_->log().Commit({BackupEntry(collection->name())},
                                    {BackupChange(collection->name(), directory, options_.clock->WallMs())});
  if (!status.ok()) (void)files->Remove(directory);
  return status;
}

absl::Status LocalDatabase::RestoreCollection(const std::string& name, const std::string& directory) {
  LINEAL_RETURN_IF_ERROR(ValidateCollectionName(name));
  std::lock_guard change(change_mutex_);
  LINEAL_RETURN_IF_ERROR(CheckNameIsFree(name));
  FileSystem* files = options_.file_system;
  absl::StatusOr<std::string> bytes = files->ReadFile(directory + "/COLLECTION");
  if (absl::IsNotFound(bytes.status())) return NotFound(directory, " is no backup: it has no file COLLECTION");
  LINEAL_RETURN_IF_ERROR(bytes.status());
  LINEAL_ASSIGN_OR_RETURN(CollectionRecord record, DecodeRecord(*bytes));
  LINEAL_ASSIGN_OR_RETURN(record.shards, TakeShardIds(static_cast<uint32_t>(record.shards.size())));
  const std::vector<ShardId> shards = record.shards;

  absl::Status status;
  for (size_t i = 0; i < shards.size() && status.ok(); ++i) {
    status = files->CreateDirectories(ShardDirectory(shards[i]));
    if (!status.ok()) break;
    auto source = storage::ShardStore::Open(StrCat(directory, "/shard-", i), resources_.get());
    status = source.status();
    if (!status.ok()) break;
    status = (*source)->Checkpoint(ShardDirectory(shards[i]) + "/db");
    (*source)->Close();
  }
  absl::StatusOr<std::shared_ptr<LocalCollection>> collection = absl::CancelledError();
  if (status.ok()) {
    const std::string record_bytes = EncodeRecord(record);
    collection = OpenCollection(name, std::move(record));
    status = collection.status();
    if (status.ok()) {
      status = lineage_->log().Commit({SchemaEntry("collection.restore", name, record_bytes)},
                                      {{"collection/" + name, record_bytes}});
    }
  }
  if (!status.ok()) {
    if (collection.ok()) {
      (*collection)->Close();
      (*collection)->ReleaseShards();
    }
    DiscardShards(shards);
    return status;
  }
  std::unique_lock lock(mutex_);
  collections_[name] = *std::move(collection);
  return absl::OkStatus();
}

}  // namespace lineal::engine
