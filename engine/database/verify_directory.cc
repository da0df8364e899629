#include "base/status.h"
#include "engine/database/catalogue.h"
#include "engine/database/open_database.h"
#include "engine/database/verify_origins.h"
#include "engine/database/verify_shard.h"
#include "storage/log/change_log.h"
#include "storage/meta/local_meta_store.h"

namespace lineal::engine {
namespace {

void VerifyOneShard(const std::string& directory, FileSystem* files, storage::RocksResources* resources,
                    const TableSchema& schema, const std::function<void(const std::string&)>& problem) {
  auto prefixed = [&](const std::string& finding) { problem(StrCat(directory, ": ", finding)); };
  if (!files->Exists(directory + "/db/CURRENT")) {
    prefixed("the data is missing");
    return;
  }
  auto store = storage::ShardStore::Open(directory + "/db", resources);
  if (!store.ok()) {
    prefixed(std::string(MessageOf(store.status())));
    return;
  }
  if (absl::Status status = (*store)->Verify(prefixed); !status.ok()) prefixed(std::string(MessageOf(status)));
  absl::Status status = VerifySegments(directory + "/segments", files, schema, **store, prefixed);
  if (!status.ok()) prefixed(std::string(MessageOf(status)));
  if (absl::Status origins = VerifyOrigins(**store, prefixed); !origins.ok()) {
    prefixed(std::string(MessageOf(origins)));
  }
  (*store)->Close();
}

}  // namespace

absl::Status VerifyDirectory(const DatabaseOptions& options, const std::function<void(const std::string&)>& problem) {
  FileSystem* files = options.file_system != nullptr ? options.file_system : PosixFileSystem();
  const Clock* clock = options.clock != nullptr ? options.clock : SystemClock();
  if (!files->Exists(options.directory + "/FORMAT")) {
    return NotFound(options.directory, " is no data directory: it has no FORMAT file");
  }
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<FileLock> lock, files->Lock(options.directory + "/LOCK"));
  LINEAL_ASSIGN_OR_RETURN(auto resources, storage::RocksResources::Create(options.directory, files, options.resources));
  auto log = storage::ChangeLog::Open(options.directory + "/log", resources.get(), clock, {});
  if (!log.ok()) {
    problem(StrCat(options.directory, "/log: ", MessageOf(log.status())));
    return absl::OkStatus();
  }
  LINEAL_RETURN_IF_ERROR((*log)->Verify([&](const std::string& finding) { problem("log: " + finding); }));
  auto meta = storage::LocalMetaStore::Open(options.directory + "/system", resources.get(), log->get());
  if (!meta.ok()) {
    problem(StrCat(options.directory, "/system: ", MessageOf(meta.status())));
    return absl::OkStatus();
  }
  LINEAL_RETURN_IF_ERROR(
      (*meta)->store().Verify([&](const std::string& finding) { problem("catalogue: " + finding); }));
  LINEAL_RETURN_IF_ERROR((*meta)->List("collection/", [&](std::string_view key, std::string_view bytes) {
    absl::StatusOr<CollectionRecord> record = DecodeRecord(bytes);
    if (!record.ok()) {
      problem(StrCat("catalogue: ", key, ": ", MessageOf(record.status())));
      return;
    }
    for (ShardId shard : record->shards) {
      VerifyOneShard(StrCat(options.directory, "/shards/", Raw(shard)), files, resources.get(), *record->Table(),
                     problem);
    }
  }));
  meta->reset();
  (*log)->Close();
  return absl::OkStatus();
}

}  // namespace lineal::engine
