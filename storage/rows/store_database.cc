#include "storage/rows/store_database.h"

#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "rocksdb/db.h"
#include "rocksdb/utilities/checkpoint.h"
#include "rocksdb/write_batch.h"
#include "storage/rocks/obsolete_files.h"
#include "storage/rocks/rocks_status.h"
#include "storage/rows/store_health.h"
#include "storage/rows/store_options.h"

namespace lineal::storage {
namespace {

rocksdb::Slice SliceOf(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace

StoreDatabase::StoreDatabase(std::string directory, RocksResources* resources)
    : directory_(std::move(directory)),
      resources_(resources),
      health_(std::make_shared<StoreHealth>(directory_, resources)) {}

absl::StatusOr<std::unique_ptr<StoreDatabase>> StoreDatabase::Open(const std::string& directory,
                                                                   RocksResources* resources,
                                                                   const ShardStoreOptions& options) {
  std::unique_ptr<StoreDatabase> store(new StoreDatabase(directory, resources));
  LINEAL_RETURN_IF_ERROR(resources->MakeDirectory(directory));
  rocksdb::DBOptions database_options = StoreDatabaseOptions(directory, resources);
  database_options.listeners.push_back(store->health_);
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status =
      rocksdb::DB::Open(database_options, directory, StoreFamilies(resources, options), &store->handles_, &opened);
  if (!status.ok()) return FromRocks(status, StrCat("open shard data ", directory));
  store->database_.reset(opened);
  return store;
}

StoreDatabase::~StoreDatabase() {
  if (!database_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    database_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  if (rocksdb::Status closed = database_->Close(); !closed.ok()) {
    Log(LogLevel::kWarning, "a shard's data did not close cleanly",
        {{"directory", directory_}, {"error", closed.ToString()}});
  }
}

void StoreDatabase::Put(rocksdb::WriteBatch* batch, Family family, std::string_view key, std::string_view value) const {
  batch->Put(Handle(family), SliceOf(key), SliceOf(value)).PermitUncheckedError();
}

void StoreDatabase::Delete(rocksdb::WriteBatch* batch, Family family, std::string_view key) const {
  batch->Delete(Handle(family), SliceOf(key)).PermitUncheckedError();
}

void StoreDatabase::DeleteRange(rocksdb::WriteBatch* batch, Family family, std::string_view begin,
                                std::string_view end) const {
  batch->DeleteRange(Handle(family), SliceOf(begin), SliceOf(end)).PermitUncheckedError();
}

absl::Status StoreDatabase::Write(rocksdb::WriteBatch* batch) {
  LINEAL_RETURN_IF_ERROR(Ready());
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  absl::Status status = FromRocks(database_->Write(options, batch), StrCat("shard data ", directory_, ": write"));
  if (!status.ok()) health_->Fail(status);
  return status;
}

absl::Status StoreDatabase::ReadFailed(const rocksdb::Status& status) const {
  return FromRocks(status, StrCat("shard data ", directory_, ": read"));
}

absl::StatusOr<std::optional<std::string>> StoreDatabase::Get(Family family, std::string_view key) const {
  std::string value;
  rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), Handle(family), SliceOf(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ReadFailed(status);
  return value;
}

absl::StatusOr<std::optional<std::string>> StoreDatabase::GetPersisted(Family family, std::string_view key) const {
  rocksdb::ReadOptions options;
  options.read_tier = rocksdb::kPersistedTier;
  std::string value;
  rocksdb::Status status = database_->Get(options, Handle(family), SliceOf(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ReadFailed(status);
  return value;
}

absl::StatusOr<std::vector<std::optional<std::string>>> StoreDatabase::MultiGet(
    Family family, std::span<const std::string> keys) const {
  std::vector<std::optional<std::string>> found(keys.size());
  if (keys.empty()) return found;
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database_->MultiGet(rocksdb::ReadOptions(), Handle(family), keys.size(), slices.data(), values.data(),
                      statuses.data());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return ReadFailed(statuses[i]);
    found[i].emplace(values[i].data(), values[i].size());
  }
  return found;
}

std::unique_ptr<rocksdb::Iterator> StoreDatabase::NewIterator(Family family,
                                                              const rocksdb::ReadOptions& options) const {
  return std::unique_ptr<rocksdb::Iterator>(database_->NewIterator(options, Handle(family)));
}

absl::Status StoreDatabase::Scan(Family family, std::string_view from,
                                 const std::function<bool(std::string_view, std::string_view)>& visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  std::unique_ptr<rocksdb::Iterator> at = NewIterator(family, options);
  for (at->Seek(SliceOf(from)); at->Valid(); at->Next()) {
    if (!visit(ViewOf(at->key()), ViewOf(at->value()))) return absl::OkStatus();
  }
  return FromRocks(at->status(), StrCat("shard data ", directory_, ": scan"));
}

absl::Status StoreDatabase::Flush(const std::function<absl::StatusOr<bool>()>& done) {
  constexpr int kAttempts = 8;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    LINEAL_RETURN_IF_ERROR(Ready());
    const uint64_t seen = health_->flushes();
    rocksdb::Status status = database_->Flush(rocksdb::FlushOptions(), handles_);
    if (!status.ok()) {
      absl::Status ours = FromRocks(status, StrCat("shard data ", directory_, ": flush"));
      health_->Fail(ours);
      return ours;
    }
    LINEAL_ASSIGN_OR_RETURN(const bool is_done, done());
    if (is_done) return absl::OkStatus();
    health_->AwaitFlush(seen);
  }
  return Unavailable("shard data ", directory_, ": a flush left something in memory");
}

absl::Status StoreDatabase::RewriteFiles() {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
  options.blob_garbage_collection_age_cutoff = 1.0;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    LINEAL_RETURN_IF_ERROR(Ready());
    const rocksdb::Status status = database_->CompactRange(options, handle, nullptr, nullptr);
    if (!status.ok()) return FromRocks(status, StrCat("shard data ", directory_, ": rewrite"));
  }
  return absl::OkStatus();
}

absl::Status StoreDatabase::RemoveObsolete() {
  return RemoveObsoleteFiles(database_.get(), StrCat("shard data ", directory_));
}

absl::Status StoreDatabase::Checkpoint(const std::string& directory) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(database_.get(), &made);
  if (!status.ok()) return FromRocks(status, StrCat("shard data ", directory_, ": checkpoint"));
  std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  constexpr uint64_t kAlwaysFlush = 0;
  return FromRocks(checkpoint->CreateCheckpoint(directory, kAlwaysFlush),
                   StrCat("shard data ", directory_, ": checkpoint in ", directory));
}

absl::Status StoreDatabase::VerifyChecksums() {
  return FromRocks(database_->VerifyChecksum(), StrCat("shard data ", directory_));
}

uint64_t StoreDatabase::disk_bytes() const {
  uint64_t total = 0;
  for (const std::string& property :
       {rocksdb::DB::Properties::kTotalSstFilesSize, rocksdb::DB::Properties::kTotalBlobFileSize}) {
    uint64_t bytes = 0;
    database_->GetAggregatedIntProperty(property, &bytes);
    total += bytes;
  }
  return total;
}

StoreMemory StoreDatabase::memory() const {
  StoreMemory memory;
  database_->GetAggregatedIntProperty(rocksdb::DB::Properties::kSizeAllMemTables, &memory.memtables);
  database_->GetAggregatedIntProperty(rocksdb::DB::Properties::kEstimateTableReadersMem, &memory.table_readers);
  return memory;
}

// A flush that found no room has lost nothing: memory still holds it all, and a new file is written. (After any other
// failure what RocksDB believes of the disk cannot be trusted, and only opening it again helps.)
absl::Status StoreDatabase::Ready() {
  constexpr uint64_t kRoomBytes = 1 << 20;
  absl::Status health = health_->Get();
  if (health.ok() || KindOf(health) != ErrorKind::kDiskFull) return health;
  std::lock_guard lock(resume_mutex_);
  if (health_->Get().ok()) return absl::OkStatus();
  if (!resources_->CheckRoom(kRoomBytes, true).ok()) return health;
  rocksdb::Status resumed = database_->Resume();
  if (!resumed.ok()) return health;
  health_->Clear();
  Log(LogLevel::kInfo, "there is room again: a shard's data takes writes", {{"directory", directory_}});
  return absl::OkStatus();
}

absl::Status StoreDatabase::Health() const { return health_->Get(); }

}  // namespace lineal::storage
