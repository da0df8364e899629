#include "storage/meta/local_meta_store.h"

#include "base/coding.h"
#include "base/status.h"

namespace lineal::storage {
namespace {

constexpr std::string_view kPrefix = "catalogue/";

std::string EncodeChanges(const std::vector<MetaStore::Change>& changes) {
  std::string body;
  PutVarint(&body, changes.size());
  for (const MetaStore::Change& change : changes) {
    PutString(&body, change.key);
    PutFixed(&body, static_cast<uint8_t>(change.value.has_value()));
    PutString(&body, change.value.value_or(""));
  }
  return body;
}

absl::Status WriteChanges(std::string_view body, StoreBatch* batch) {
  Reader reader(body);
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const std::string key = StrCat(kPrefix, reader.String());
    const bool present = reader.Fixed<uint8_t>() != 0;
    const std::string_view value = reader.String();
    if (!reader.ok()) break;
    if (present) {
      batch->PutMeta(key, value);
    } else {
      batch->DeleteMeta(key);
    }
  }
  return reader.ok() && reader.AtEnd() ? absl::OkStatus() : DataLoss("catalogue entry is torn");
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalMetaStore>> LocalMetaStore::Open(const std::string& directory,
                                                                     RocksResources* resources, ChangeLog* log) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> store, ShardStore::Open(directory, resources));
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<ShardLog> shard_log, log->OpenShard(kSystemShard, store->applied()));
  std::unique_ptr<LocalMetaStore> meta(new LocalMetaStore(std::move(store), std::move(shard_log)));
  std::lock_guard lock(meta->mutex_);
  LINEAL_RETURN_IF_ERROR(meta->ApplyCommitted());
  return meta;
}

LocalMetaStore::~LocalMetaStore() {
  log_.reset();
  store_->Close();
}

absl::Status LocalMetaStore::ApplyCommitted() {
  for (LogEntry& entry : log_->TakeCommitted()) pending_.push_back(std::move(entry));
  while (!pending_.empty()) {
    const LogEntry& entry = pending_.front();
    std::unique_ptr<StoreBatch> batch = store_->NewBatch();
    LINEAL_RETURN_IF_ERROR(WriteChanges(entry.body, batch.get()));
    ChangeRecord record;
    record.wall_ms = entry.wall_ms;
    record.body_digest = entry.body_digest;
    record.chain_hash = entry.chain_hash;
    batch->PutChange(entry.seq, record);
    LINEAL_RETURN_IF_ERROR(store_->Commit(
        std::move(batch), LogHead{.seq = entry.seq, .wall_ms = entry.wall_ms, .chain_hash = entry.chain_hash}));
    pending_.erase(pending_.begin());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> LocalMetaStore::Get(std::string_view key) {
  return store_->GetMeta(StrCat(kPrefix, key));
}

absl::Status LocalMetaStore::List(std::string_view prefix,
                                  const std::function<void(std::string_view, std::string_view)>& visit) {
  return store_->ScanMeta(StrCat(kPrefix, prefix), [&](std::string_view key, std::string_view value) {
    visit(key.substr(kPrefix.size()), value);
    return true;
  });
}

absl::Status LocalMetaStore::Scan(std::string_view prefix,
                                  const std::function<bool(std::string_view, std::string_view)>& visit) {
  return store_->ScanMeta(StrCat(kPrefix, prefix), [&](std::string_view key, std::string_view value) {
    return visit(key.substr(kPrefix.size()), value);
  });
}

absl::Status LocalMetaStore::Apply(const std::vector<Change>& changes) {
  EntryDraft draft;
  draft.body = EncodeChanges(changes);
  // Nothing at all is asked for by who wants to know how an earlier call ended, and may be about to delete.
  draft.frees_space = changes.empty();
  for (const Change& change : changes) draft.frees_space |= !change.value.has_value();
  std::lock_guard lock(mutex_);
  LINEAL_ASSIGN_OR_RETURN(Seq seq, log_->Append(draft));
  LINEAL_RETURN_IF_ERROR(ApplyCommitted());
  if (store_->applied().seq < seq) return Internal("catalogue entry ", Raw(seq), " was committed but not delivered");
  return absl::OkStatus();
}

absl::Status LocalMetaStore::Flush() {
  std::lock_guard lock(mutex_);
  LINEAL_RETURN_IF_ERROR(store_->Flush());
  log_->Release(store_->durable());
  return absl::OkStatus();
}

}  // namespace lineal::storage
