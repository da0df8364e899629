#include "engine/database/open_database.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/log.h"
#include "base/status.h"
#include "engine/database/local_database.h"

namespace lineal::engine {
namespace {

constexpr std::string_view kFormat = "lineal data directory, format 1\n";

absl::Status CheckFormat(FileSystem* files, const std::string& directory) {
  const std::string path = directory + "/FORMAT";
  absl::StatusOr<std::string> found = files->ReadFile(path);
  if (found.ok()) {
    if (*found == kFormat) return absl::OkStatus();
    return FailedPrecondition("data directory ", directory,
                              " has a format that this version (format 1) does not know: \"", found->substr(0, 60),
                              "\". Open it with the version that wrote it, or restore a backup into a new directory");
  }
  if (!absl::IsNotFound(found.status())) return found.status();
  LINEAL_ASSIGN_OR_RETURN(std::vector<std::string> names, files->List(directory));
  std::erase(names, "LOCK");
  if (!names.empty()) {
    return FailedPrecondition("directory ", directory,
                              " is not empty and has no FORMAT file, so it is no data directory (it holds `",
                              names.front(), "`). Choose an empty or new directory");
  }
  return files->WriteAtomically(path, kFormat);
}

}  // namespace

std::string AuditKeyPath(const DatabaseOptions& options) {
  return options.audit_key_file.empty() ? options.directory + "/keys/audit.key" : options.audit_key_file;
}

absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const DatabaseOptions& options) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<LocalDatabase> database, LocalDatabase::Open(options));
  return std::unique_ptr<Database>(std::move(database));
}

absl::StatusOr<std::unique_ptr<LocalDatabase>> LocalDatabase::Open(const DatabaseOptions& options) {
  std::unique_ptr<LocalDatabase> database(new LocalDatabase(options));
  LINEAL_RETURN_IF_ERROR(database->Load());
  return database;
}

absl::Status LocalDatabase::Load() {
  FileSystem* files = options_.file_system;
  const std::string& directory = options_.directory;
  LINEAL_RETURN_IF_ERROR(files->CreateDirectories(directory));
  LINEAL_ASSIGN_OR_RETURN(lock_, files->Lock(directory + "/LOCK"));
  LINEAL_RETURN_IF_ERROR(CheckFormat(files, directory));
  LINEAL_RETURN_IF_ERROR(files->CreateDirectories(directory + "/shards"));
  LINEAL_ASSIGN_OR_RETURN(resources_, storage::RocksResources::Create(directory, files, options_.resources));
  LINEAL_ASSIGN_OR_RETURN(log_,
                          storage::ChangeLog::Open(directory + "/log", resources_.get(), options_.clock, options_.log));
  LINEAL_ASSIGN_OR_RETURN(meta_, storage::LocalMetaStore::Open(directory + "/system", resources_.get(), log_.get()));
  lineage_ = std::make_unique<LocalLineage>(meta_.get(), options_.clock, KeyFile{files, AuditKeyPath(options_)},
                                            options_.open_lineage);
  lineage_->AskForWritten([this](const std::string& run) { return WrittenBy(run); });
  LINEAL_RETURN_IF_ERROR(lineage_->Load());
  executor_ = std::make_unique<Executor>("engine", options_.search_threads);
  optimizer_ = std::make_unique<Optimizer>(OptimizerOptions{.threads = options_.optimizer_threads,
                                                            .processors = options_.optimizer_processors,
                                                            .clock = options_.clock,
                                                            .log = log_.get(),
                                                            .tidy_node = [this] { return ReleaseCatalogue(); }});
  process_ = MemoryLedger::Charge(&ledger_, MemoryOwner{.kind = "process"});
  process_.Set(options_.process_bytes);
  probes_.emplace_back(&ledger_, MemoryOwner{.kind = "block_cache"}, [this] { return resources_->cached_bytes(); });
  probes_.emplace_back(&ledger_, MemoryOwner{.kind = "change_log"}, [this] { return log_->memory_bytes(); });
  probes_.emplace_back(&ledger_, MemoryOwner{.kind = "catalogue"}, [this] {
    const storage::StoreMemory memory = meta_->store().memory();
    return memory.memtables + memory.table_readers;
  });
  LINEAL_RETURN_IF_ERROR(LoadCatalogue());
  RemoveStrayShards();
  ForgetUnknownShards();
  ResumeErasures();
  if (options_.optimizer_enabled) optimizer_->Start();
  return absl::OkStatus();
}

// The catalogue changes seldom: left alone, its last entry would hold all later ones of every shard in the log.
absl::Status LocalDatabase::ReleaseCatalogue() {
  const std::vector<ShardId> holding = log_->ShardsHoldingBack();
  const bool holds = std::find(holding.begin(), holding.end(), storage::kSystemShard) != holding.end();
  return holds ? meta_->Flush() : absl::OkStatus();
}

absl::Status LocalDatabase::LoadCatalogue() {
  std::vector<std::pair<std::string, std::string>> records;
  LINEAL_RETURN_IF_ERROR(meta_->List("collection/", [&](std::string_view key, std::string_view value) {
    records.emplace_back(key.substr(key.find('/') + 1), value);
  }));
  for (const auto& [name, bytes] : records) {
    absl::StatusOr<CollectionRecord> record = DecodeRecord(bytes);
    if (!record.ok()) return Annotate(record.status(), StrCat("collection `", name, "`"));
    for (ShardId shard : record->shards) {
      if (!options_.file_system->Exists(ShardDirectory(shard) + "/db/CURRENT")) {
        return DataLoss("the data of collection `", name, "` is missing: ", ShardDirectory(shard),
                        "/db. Restore it from a backup");
      }
    }
    LINEAL_ASSIGN_OR_RETURN(collections_[name], OpenCollection(name, *std::move(record)));
  }
  return LoadAliases();
}

// What a crash between making shards and recording them (or between forgetting and removing them) left behind.
void LocalDatabase::RemoveStrayShards() {
  std::set<std::string> wanted;
  for (const auto& [name, collection] : collections_) {
    for (ShardId shard : collection->record()->shards) wanted.insert(std::to_string(Raw(shard)));
  }
  absl::StatusOr<std::vector<std::string>> names = options_.file_system->List(options_.directory + "/shards");
  if (!names.ok()) return;
  std::vector<ShardId> stray;
  for (const std::string& name : *names) {
    uint32_t number = 0;
    auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size() && !wanted.contains(name))
      stray.push_back(ShardId{number});
  }
  DiscardShards(stray);
}

// A shard dropped just before a crash would hold the log's oldest entries for ever.
void LocalDatabase::ForgetUnknownShards() {
  std::set<ShardId> known = {storage::kSystemShard};
  for (const auto& [name, collection] : collections_) {
    known.insert(collection->record()->shards.begin(), collection->record()->shards.end());
  }
  for (ShardId shard : log_->ShardsHoldingBack()) {
    if (!known.contains(shard)) log_->DropShard(shard);
  }
}

}  // namespace lineal::engine
