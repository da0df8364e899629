#include "storage/rows/local_shard_store.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/status.h"
#include "storage/rows/local_store_batch.h"
#include "storage/rows/meta_keys.h"
#include "storage/rows/row_keys.h"
#include "storage/rows/verify_store.h"

namespace lineal::storage {
namespace {

constexpr std::string_view kFormat = "1";

}  // namespace

absl::StatusOr<std::unique_ptr<ShardStore>> ShardStore::Open(const std::string& directory, RocksResources* resources,
                                                             const ShardStoreOptions& options) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<StoreDatabase> database, StoreDatabase::Open(directory, resources, options));
  auto store = std::make_unique<LocalShardStore>(std::move(database));
  LINEAL_RETURN_IF_ERROR(store->Start());
  return store;
}

absl::Status LocalShardStore::Damaged(std::string_view family, std::string_view key) const {
  return DataLoss("shard data ", database_->directory(), ": the value of ", family, " key ", HexOf(key),
                  " cannot be read");
}

absl::Status LocalShardStore::Start() {
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> format, database_->Get(Family::kMeta, kFormatKey));
  if (!format) {
    rocksdb::WriteBatch batch;
    database_->Put(&batch, Family::kMeta, kFormatKey, kFormat);
    return database_->Write(&batch);
  }
  if (*format != kFormat) {
    return FailedPrecondition("shard data ", database_->directory(), " has format ", *format,
                              ", this program writes format ", kFormat, ": use the program that wrote it");
  }
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> head, database_->Get(Family::kMeta, kHeadKey));
  if (!head) return absl::OkStatus();
  std::optional<LogHead> decoded = DecodeHead(*head);
  if (!decoded) return Damaged("meta", kHeadKey);
  applied_ = *decoded;
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> commits, database_->Get(Family::kMeta, kCommitsKey));
  std::optional<uint64_t> count = commits ? DecodeCommits(*commits) : std::nullopt;
  if (!count) return Damaged("meta", kCommitsKey);
  commits_ = *count;
  return absl::OkStatus();
}

LogHead LocalShardStore::applied() const {
  std::lock_guard lock(mutex_);
  return applied_;
}

Seq LocalShardStore::durable() const {
  absl::StatusOr<std::optional<std::string>> head = database_->GetPersisted(Family::kMeta, kHeadKey);
  if (!head.ok() || !head->has_value()) return kNoSeq;
  std::optional<LogHead> decoded = DecodeHead(**head);
  return decoded ? decoded->seq : kNoSeq;
}

std::unique_ptr<StoreBatch> LocalShardStore::NewBatch() { return std::make_unique<LocalStoreBatch>(database_.get()); }

absl::Status LocalShardStore::Commit(std::unique_ptr<StoreBatch> batch, const LogHead& head) {
  auto* ours = static_cast<LocalStoreBatch*>(batch.get());
  LINEAL_CHECK(ours->database() == database_.get());
  ours->PutHead(head);
  ours->PutCommits(commits_.load() + 1);
  LINEAL_RETURN_IF_ERROR(database_->Write(ours->batch()));
  ++commits_;
  std::lock_guard lock(mutex_);
  applied_ = head;
  return absl::OkStatus();
}

absl::Status LocalShardStore::Flush() {
  const uint64_t target = commits_.load();
  return database_->Flush([this, target]() -> absl::StatusOr<bool> {
    if (target == 0) return true;
    LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> persisted, database_->GetPersisted(Family::kMeta, kCommitsKey));
    return persisted && DecodeCommits(*persisted).value_or(0) >= target;
  });
}

absl::Status LocalShardStore::Rewrite() {
  LINEAL_RETURN_IF_ERROR(Flush());
  return database_->RewriteFiles();
}

absl::Status LocalShardStore::RemoveReplaced() {
  LINEAL_RETURN_IF_ERROR(Flush());
  return database_->RemoveObsolete();
}

absl::Status LocalShardStore::Checkpoint(const std::string& directory) {
  LINEAL_RETURN_IF_ERROR(Flush());
  return database_->Checkpoint(directory);
}

uint64_t LocalShardStore::disk_bytes() const { return database_->disk_bytes(); }

StoreMemory LocalShardStore::memory() const { return database_ ? database_->memory() : StoreMemory{}; }
absl::Status LocalShardStore::Health() const { return database_->Health(); }

absl::Status LocalShardStore::Verify(const std::function<void(const std::string&)>& problem) {
  return VerifyStore(database_.get(), applied(), problem);
}

// A clean stop leaves nothing to replay.
void LocalShardStore::Close() {
  if (!database_) return;
  if (absl::Status health = database_->Health(); health.ok()) {
    if (absl::Status flushed = Flush(); !flushed.ok()) {
      Log(LogLevel::kWarning, "a shard's data was closed with entries to replay",
          {{"directory", database_->directory()}, {"error", std::string(MessageOf(flushed))}});
    }
  }
  database_.reset();
}

}  // namespace lineal::storage
