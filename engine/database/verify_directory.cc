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

using Problem = std::function<void(const std::string&)>;

// The log and the catalogue of a directory that no process has open.
struct OfflineCatalogue {
  std::unique_ptr<FileLock> lock;
  std::unique_ptr<storage::RocksResources> resources;
  std::unique_ptr<storage::ChangeLog> log;
  std::unique_ptr<storage::LocalMetaStore> meta;  // null when it cannot be read, which was said

  ~OfflineCatalogue() {
    meta.reset();
    if (log) log->Close();
  }
};

absl::Status OpenOffline(const DatabaseOptions& options, const Problem& problem, OfflineCatalogue* out) {
  FileSystem* files = options.file_system != nullptr ? options.file_system : PosixFileSystem();
  if (!files->Exists(options.directory + "/FORMAT")) {
    return NotFound(options.directory, " is no data directory: it has no FORMAT file");
  }
  LINEAL_ASSIGN_OR_RETURN(out->lock, files->Lock(options.directory + "/LOCK"));
  LINEAL_ASSIGN_OR_RETURN(out->resources, storage::RocksResources::Create(options.directory, files, options.resources));
  const Clock* clock = options.clock != nullptr ? options.clock : SystemClock();
  auto log = storage::ChangeLog::Open(options.directory + "/log", out->resources.get(), clock, {});
  if (!log.ok()) {
    problem(StrCat(options.directory, "/log: ", MessageOf(log.status())));
    return absl::OkStatus();
  }
  out->log = *std::move(log);
  LINEAL_RETURN_IF_ERROR(out->log->Verify([&](const std::string& finding) { problem("log: " + finding); }));
  auto meta = storage::LocalMetaStore::Open(options.directory + "/system", out->resources.get(), out->log.get());
  if (!meta.ok()) {
    problem(StrCat(options.directory, "/system: ", MessageOf(meta.status())));
    return absl::OkStatus();
  }
  out->meta = *std::move(meta);
  return out->meta->store().Verify([&](const std::string& finding) { problem("catalogue: " + finding); });
}

}  // namespace

absl::StatusOr<AuditVerification> VerifyAuditOf(const DatabaseOptions& options,
                                                const std::vector<AuditCheckpoint>& kept, const Problem& problem) {
  OfflineCatalogue catalogue;
  LINEAL_RETURN_IF_ERROR(OpenOffline(options, problem, &catalogue));
  if (!catalogue.meta) return AuditVerification();
  return VerifyAuditLog(catalogue.meta.get(), kept, problem);
}

absl::Status VerifyDirectory(const DatabaseOptions& options, const Problem& problem) {
  FileSystem* files = options.file_system != nullptr ? options.file_system : PosixFileSystem();
  OfflineCatalogue catalogue;
  LINEAL_RETURN_IF_ERROR(OpenOffline(options, problem, &catalogue));
  if (!catalogue.meta) return absl::OkStatus();
  LINEAL_RETURN_IF_ERROR(VerifyAuditLog(catalogue.meta.get(), {}, problem).status());
  return catalogue.meta->List("collection/", [&](std::string_view key, std::string_view bytes) {
    absl::StatusOr<CollectionRecord> record = DecodeRecord(bytes);
    if (!record.ok()) {
      problem(StrCat("catalogue: ", key, ": ", MessageOf(record.status())));
      return;
    }
    for (ShardId shard : record->shards) {
      VerifyOneShard(StrCat(options.directory, "/shards/", Raw(shard)), files, catalogue.resources.get(),
                     *record->Table(), problem);
    }
  });
}

}  // namespace lineal::engine
