#include "engine/lineage/audit_log.h"

#include <algorithm>

#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"
#include "engine/lineage/audit_leaf.h"
#include "engine/lineage/lineage_keys.h"

namespace lineal::engine {
namespace {

using Change = storage::MetaStore::Change;

RecordDigest DigestOf(const Change& change) {
  RecordDigest record{change.key, std::nullopt};
  if (change.value) record.value = Sha256(*change.value);
  return record;
}

}  // namespace

// Leaves that are written together, and what the log is after them.
class AuditLog::Batch {
 public:
  Batch(AuditHead head, MerkleFrontier tree, int64_t wall_ms) : head(std::move(head)), tree(std::move(tree)) {
    this->head.wall_ms = std::max(this->head.wall_ms, wall_ms);
  }

  void Append(const AuditEntry& entry, std::vector<RecordDigest> records) {
    const std::string opening = EncodeOpening(SecretBytes(kSaltBytes), {entry.body, std::move(records)});
    const std::string leaf = EncodeLeaf({head.wall_ms, entry.kind, entry.subject, entry.principal, Sha256(opening)});
    changes.push_back({LeafKey(tree.size()), leaf});
    changes.push_back({OpeningKey(tree.size()), opening});
    std::vector<MerkleNode> made;
    tree.Append(LeafHash(leaf), &made);
    for (const MerkleNode& node : made) {
      changes.push_back({NodeKey(node.level, node.index), std::string(BytesOf(node.hash))});
    }
    head.size = tree.size();
  }

  AuditHead head;
  MerkleFrontier tree;
  std::vector<Change> changes;
};

absl::Status AuditLog::Load() {
  if (in_doubt_) {
    // What was committed and is not visible yet becomes so before a later change does.
    LINEAL_RETURN_IF_ERROR(meta_->Apply({}));
    in_doubt_ = loaded_ = false;
  }
  if (loaded_) return absl::OkStatus();
  LINEAL_ASSIGN_OR_RETURN(AuditHead head, ReadHead(meta_));
  LINEAL_ASSIGN_OR_RETURN(MerkleFrontier tree, MerkleFrontier::Load(StoredNodes(meta_), head.size));
  head_ = std::move(head);
  tree_ = std::move(tree);
  loaded_ = true;
  return absl::OkStatus();
}

// The first leaf: the log's name, and the records that were there before it.
absl::Status AuditLog::Begin(Batch* batch) {
  if (batch->tree.size() > 0) return absl::OkStatus();
  std::vector<RecordDigest> records;
  for (const std::string_view prefix : kRecordsBeforeTheLog) {
    LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view value) {
      records.push_back({std::string(key), Sha256(value)});
    }));
  }
  batch->head.origin = StrCat("lineal/", kDefaultNamespace, "/", NewUuid(batch->head.wall_ms));
  Value body = Value::EmptyObject();
  body.Set("records", Value::Unsigned(records.size()));
  batch->Append({"log.begin", batch->head.origin, "", std::move(body)}, std::move(records));
  return absl::OkStatus();
}

absl::Status AuditLog::Write(Batch batch) {
  batch.changes.push_back(HeadChange(batch.head));
  if (absl::Status applied = meta_->Apply(batch.changes); !applied.ok()) {
    in_doubt_ = true;
    return applied;
  }
  head_ = std::move(batch.head);
  tree_ = std::move(batch.tree);
  return absl::OkStatus();
}

absl::Status AuditLog::Commit(const std::vector<AuditEntry>& entries, std::vector<Change> changes) {
  if (entries.empty()) return meta_->Apply(changes);
  std::lock_guard lock(mutex_);
  LINEAL_RETURN_IF_ERROR(Load());
  Batch batch(head_, tree_, clock_->WallMs());
  LINEAL_RETURN_IF_ERROR(Begin(&batch));
  std::vector<RecordDigest> records;
  for (const Change& change : changes) records.push_back(DigestOf(change));
  for (size_t i = 0; i + 1 < entries.size(); ++i) batch.Append(entries[i], {});
  batch.Append(entries.back(), std::move(records));
  std::move(changes.begin(), changes.end(), std::back_inserter(batch.changes));
  return Write(std::move(batch));
}

absl::Status AuditLog::CommitKey(const std::string& key, const AuditEntry& entry) {
  std::lock_guard lock(mutex_);
  LINEAL_RETURN_IF_ERROR(Load());
  if (head_.key == key) return absl::OkStatus();
  Batch batch(head_, tree_, clock_->WallMs());
  LINEAL_RETURN_IF_ERROR(Begin(&batch));
  batch.head.key = key;
  batch.Append(entry, {});
  return Write(std::move(batch));
}

absl::StatusOr<AuditHead> AuditLog::Head() {
  std::lock_guard lock(mutex_);
  LINEAL_RETURN_IF_ERROR(Load());
  return head_;
}

absl::StatusOr<AuditLog::Root> AuditLog::CurrentRoot() {
  std::lock_guard lock(mutex_);
  LINEAL_RETURN_IF_ERROR(Load());
  return Root{head_, tree_.Root()};
}

}  // namespace lineal::engine
