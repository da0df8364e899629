#include "engine/database/local_database.h"

#include <algorithm>

#include "base/check.h"
#include "base/coding.h"
#include "base/log.h"
#include "base/status.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

constexpr char kCollectionPrefix[] = "collection/";
constexpr char kAliasPrefix[] = "alias/";
constexpr char kNextShardKey[] = "next_shard";

absl::Status NoSuchCollection(std::string_view name) { return NotFound("Collection `", name, "` doesn't exist!"); }

}  // namespace

AuditEntry SchemaEntry(const char* kind, const std::string& collection, const std::string& record) {
  absl::StatusOr<Value> schema = DecodePayload(record);
  LINEAL_CHECK(schema.ok());
  return {kind, collection, "", *std::move(schema)};
}

LocalDatabase::LocalDatabase(const DatabaseOptions& options)
    : options_(options),
      budget_(&ledger_, options.memory_limit_bytes, options.clock != nullptr ? options.clock : SystemClock()) {
  if (options_.clock == nullptr) options_.clock = SystemClock();
  if (options_.file_system == nullptr) options_.file_system = PosixFileSystem();
}

LocalDatabase::~LocalDatabase() { Stop(); }

std::string LocalDatabase::ShardDirectory(ShardId shard) const {
  return StrCat(options_.directory, "/shards/", Raw(shard));
}

absl::StatusOr<std::unique_ptr<Shard>> LocalDatabase::OpenShard(const std::string& collection, ShardId shard,
                                                                std::shared_ptr<const TableSchema> schema) {
  ShardEnvironment environment;
  environment.directory = ShardDirectory(shard);
  environment.id = shard;
  environment.collection = collection;
  environment.resources = resources_.get();
  environment.log = log_.get();
  environment.clock = options_.clock;
  environment.files = options_.file_system;
  environment.ledger = &ledger_;
  environment.budget = &budget_;
  environment.wake_optimizer = [this] { optimizer_->Wake(); };
  if (options_.optimizer_enabled) {
    environment.seal_backlog = SealBacklogLimit{options_.unsealed_segments_max, options_.sealing_wait};
  }
  return Shard::Open(environment, std::move(schema));
}

absl::StatusOr<std::shared_ptr<LocalCollection>> LocalDatabase::OpenCollection(const std::string& name,
                                                                               CollectionRecord record) {
  const std::shared_ptr<const TableSchema> table = record.Table();
  std::vector<std::unique_ptr<Shard>> shards(record.shards.size());
  std::vector<absl::Status> statuses(record.shards.size());
  executor_->ParallelFor(record.shards.size(), [&](size_t i) {
    auto shard = OpenShard(name, record.shards[i], table);
    statuses[i] = shard.status();
    if (shard.ok()) shards[i] = *std::move(shard);
  });
  for (const absl::Status& status : statuses) LINEAL_RETURN_IF_ERROR(status);
  LINEAL_ASSIGN_OR_RETURN(auto revisions,
                          RevisionCatalogue::Load(meta_.get(), &lineage_->log(), name, record.shards.front()));
  return std::make_shared<LocalCollection>(name, std::move(record), std::move(shards), std::move(revisions),
                                           lineage_.get(), optimizer_.get(), executor_.get());
}

absl::StatusOr<std::vector<ShardId>> LocalDatabase::TakeShardIds(uint32_t count) {
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> stored, meta_->Get(kNextShardKey));
  uint32_t next = stored && stored->size() == 4 ? LoadFixed<uint32_t>(stored->data()) : 1;
  std::vector<ShardId> shards;
  for (uint32_t i = 0; i < count; ++i) shards.push_back(ShardId{next++});
  std::string bytes;
  PutFixed(&bytes, next);
  LINEAL_RETURN_IF_ERROR(meta_->Apply({{kNextShardKey, bytes}}));
  return shards;
}

void LocalDatabase::DiscardShards(const std::vector<ShardId>& shards) {
  for (ShardId shard : shards) {
    log_->DropShard(shard);
    if (absl::Status status = options_.file_system->Remove(ShardDirectory(shard)); !status.ok()) {
      Log(LogLevel::kWarning, "cannot remove a dropped shard", {{"error", std::string(MessageOf(status))}});
    }
  }
}

absl::Status LocalDatabase::CheckNameIsFree(const std::string& name) {
  std::shared_lock lock(mutex_);
  if (collections_.contains(name)) return AlreadyExists("Collection `", name, "` already exists!");
  if (aliases_.contains(name))
    return AlreadyExists("Can't create collection with name ", name, ". Alias with the same name already exists");
  return absl::OkStatus();
}

absl::Status LocalDatabase::CreateCollection(const std::string& name, const CollectionSchema& schema) {
  LINEAL_RETURN_IF_ERROR(ValidateCollectionName(name));
  LINEAL_RETURN_IF_ERROR(ValidateSchema(schema));
  std::lock_guard change(change_mutex_);
  if (stopped_) return Unavailable("the database is stopping");
  LINEAL_RETURN_IF_ERROR(CheckNameIsFree(name));
  CollectionRecord record;
  record.schema = schema;
  record.AssignNumbers();
  LINEAL_ASSIGN_OR_RETURN(record.shards, TakeShardIds(schema.shard_count));
  // The shards first: a record in the catalogue whose data is not there means damage.
  const std::string bytes = EncodeRecord(record);
  const std::vector<ShardId> shards = record.shards;
  auto collection = OpenCollection(name, std::move(record));
  absl::Status status = collection.status();
  if (status.ok()) status = (*collection)->FlushAll();
  if (status.ok()) {
    status =
        lineage_->log().Commit({SchemaEntry("collection.create", name, bytes)}, {{kCollectionPrefix + name, bytes}});
  }
  if (!status.ok()) {
    if (collection.ok()) {
      (*collection)->Close();
      collection->reset();
    }
    DiscardShards(shards);
    return status;
  }
  std::unique_lock lock(mutex_);
  collections_[name] = *std::move(collection);
  return absl::OkStatus();
}

absl::StatusOr<bool> LocalDatabase::DropCollection(const std::string& name) {
  std::lock_guard change(change_mutex_);
  std::shared_ptr<LocalCollection> collection;
  std::vector<AuditEntry> entries;
  std::vector<storage::MetaStore::Change> changes;
  {
    std::shared_lock lock(mutex_);
    auto it = collections_.find(name);
    if (it == collections_.end()) return false;
    collection = it->second;
    changes.push_back({kCollectionPrefix + name, std::nullopt});
    for (const auto& [alias, target] : aliases_) {
      if (target.collection != name) continue;
      LINEAL_ASSIGN_OR_RETURN(storage::MetaStore::Change move,
                              MoveRecord(alias, {.from = target, .wall_ms = options_.clock->WallMs()}));
      changes.push_back(std::move(move));
      changes.push_back({kAliasPrefix + alias, std::nullopt});
      entries.push_back({"alias.remove", alias, "", Value::EmptyObject()});
    }
  }
  entries.push_back({"collection.drop", name, "", Value::EmptyObject()});
  LINEAL_ASSIGN_OR_RETURN(auto versions, RevisionCatalogue::Removal(meta_.get(), collection->record()->shards.front()));
  std::move(versions.begin(), versions.end(), std::back_inserter(changes));
  LINEAL_RETURN_IF_ERROR(lineage_->log().Commit(entries, std::move(changes)));
  {
    std::unique_lock lock(mutex_);
    collections_.erase(name);
    std::erase_if(aliases_, [&](const auto& item) { return item.second.collection == name; });
  }
  const std::vector<ShardId> shards = collection->record()->shards;
  collection->Close();
  collection->ReleaseShards();
  DiscardShards(shards);
  return true;
}

absl::Status LocalDatabase::BindSpace(const std::string& space, VectorSchema* vector) {
  if (space.empty()) {
    vector->space.clear();
    return absl::OkStatus();
  }
  LINEAL_ASSIGN_OR_RETURN(const EmbeddingSpace found, lineage_->spaces().Find(space));
  if (found.recipe.dim != vector->dim) {
    return Conflict("space ", Describe(found), " has ", found.recipe.dim, " components, the vector ", vector->dim);
  }
  if (!found.recipe.metric.empty() && found.recipe.metric != NameOf(vector->metric)) {
    return Conflict("space ", Describe(found), " is compared by ", found.recipe.metric, ", the vector by ",
                    NameOf(vector->metric));
  }
  vector->space = found.id;
  return absl::OkStatus();
}

absl::Status LocalDatabase::AlterCollection(const std::string& name, const SchemaChange& change) {
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(std::shared_ptr<LocalCollection> collection, Find(name));
  CollectionRecord record = *collection->record();
  CollectionSchema& schema = record.schema;
  if (change.hnsw) schema.hnsw = *change.hnsw;
  if (change.optimizer) schema.optimizer = *change.optimizer;
  if (change.search) schema.search = *change.search;
  if (change.metadata) schema.metadata = *change.metadata;
  if (change.raw_config) schema.raw_config = *change.raw_config;
  for (const std::string& vector : change.drop_vectors) {
    if (schema.vectors.erase(vector) == 0) return InvalidArgument("Not existing vector name error: ", vector);
    record.vector_numbers.erase(vector);
  }
  for (const auto& [vector, added] : change.add_vectors) {
    auto [it, fresh] = schema.vectors.emplace(vector, added);
    if (!fresh && !(it->second == added))
      return AlreadyExists("Vector `", vector, "` already exists with another schema");
  }
  for (const auto& [vector, bits] : change.code_bits) {
    auto it = schema.vectors.find(vector);
    if (it == schema.vectors.end()) return InvalidArgument("Not existing vector name error: ", vector);
    it->second.code_bits = bits;
  }
  for (const auto& [vector, memory] : change.vector_memory) {
    const auto it = schema.vectors.find(vector);
    if (it == schema.vectors.end()) return InvalidArgument("Not existing vector name error: ", vector);
    it->second.memory = memory;
  }
  for (const auto& [vector, space] : change.spaces) {
    const auto it = schema.vectors.find(vector);
    if (it == schema.vectors.end()) return InvalidArgument("Not existing vector name error: ", vector);
    LINEAL_RETURN_IF_ERROR(BindSpace(space, &it->second));
  }
  if (change.space_policy) schema.spaces = *change.space_policy;
  for (const std::string& key : change.drop_fields) {
    schema.fields.erase(key);
    record.field_numbers.erase(key);
  }
  for (const auto& [key, field] : change.add_fields) {
    auto it = schema.fields.find(key);
    if (it != schema.fields.end() && it->second == field) continue;
    record.field_numbers.erase(key);
    schema.fields[key] = field;
  }
  LINEAL_RETURN_IF_ERROR(ValidateSchema(schema));
  record.AssignNumbers();
  const std::string bytes = EncodeRecord(record);
  if (bytes == EncodeRecord(*collection->record())) return absl::OkStatus();
  LINEAL_RETURN_IF_ERROR(collection->ChangeRecord(std::move(record), [&] {
    return lineage_->log().Commit({SchemaEntry("collection.alter", collection->name(), bytes)},
                                  {{kCollectionPrefix + collection->name(), bytes}});
  }));
  optimizer_->Wake();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> LocalDatabase::ListCollections() {
  std::shared_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, collection] : collections_) names.push_back(name);
  return names;
}

absl::StatusOr<std::shared_ptr<LocalCollection>> LocalDatabase::Find(const std::string& name) {
  std::shared_lock lock(mutex_);
  auto it = collections_.find(name);
  if (it == collections_.end()) {
    auto alias = aliases_.find(name);
    if (alias == aliases_.end()) return NoSuchCollection(name);
    it = collections_.find(alias->second.collection);
    if (it == collections_.end()) return NoSuchCollection(name);
  }
  return it->second;
}

absl::StatusOr<Lineage*> LocalDatabase::lineage() {
  std::shared_lock lock(mutex_);
  if (stopped_) return Unavailable("the database has been stopped");
  return lineage_.get();
}

std::vector<OptimizerTask> LocalDatabase::Tasks() { return optimizer_->Tasks(); }

absl::Status LocalDatabase::OptimizeToEnd(const std::string& name) {
  LINEAL_ASSIGN_OR_RETURN(std::shared_ptr<LocalCollection> collection, Find(name));
  for (const auto& shard : collection->shards()) LINEAL_RETURN_IF_ERROR(optimizer_->RunToEnd(shard.get()));
  return absl::OkStatus();
}

const MemoryLedger& LocalDatabase::memory() {
  std::vector<std::shared_ptr<LocalCollection>> collections;
  {
    std::shared_lock lock(mutex_);
    for (const auto& [name, collection] : collections_) collections.push_back(collection);
  }
  for (const auto& collection : collections) collection->ChargeMemory();
  return ledger_;
}

absl::Status LocalDatabase::Ready() { return log_->Health(); }

void LocalDatabase::Stop() {
  // An erasure in progress stays where it is until the next start.
  stopping_ = true;
  std::lock_guard erasing(erasure_mutex_);
  std::lock_guard change(change_mutex_);
  if (std::exchange(stopped_, true)) return;
  if (optimizer_) optimizer_->Stop();
  probes_.clear();
  std::map<std::string, std::shared_ptr<LocalCollection>> collections;
  {
    std::unique_lock lock(mutex_);
    collections.swap(collections_);
  }
  for (const auto& [name, collection] : collections) {
    collection->Close();
    if (absl::Status status = collection->FlushAll(); !status.ok()) {
      Log(LogLevel::kWarning, "cannot flush at stop; the log will be replayed at the next start",
          {{"collection", name}, {"error", std::string(MessageOf(status))}});
    }
    collection->ReleaseShards();
  }
  if (meta_) (void)meta_->Flush();
  meta_.reset();
  if (log_) log_->Close();
  if (executor_) executor_->Stop();
}

}  // namespace lineal::engine
