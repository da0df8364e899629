#include "engine/lineage/audit_log.h"

#include "base/coding.h"
#include "base/status.h"
#include "engine/lineage/lineage_keys.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

std::string KeyOf(uint64_t index) {
  std::string key = LineagePrefix("audit");
  PutBig64(&key, index);
  return key;
}

std::string Encode(const AuditEntry& entry, int64_t wall_ms) {
  Value root = Value::EmptyObject();
  root.Set("kind", Value(entry.kind));
  root.Set("subject", Value(entry.subject));
  root.Set("principal", Value(entry.principal));
  root.Set("body", entry.body);
  root.Set("wall_ms", Value(wall_ms));
  return EncodePayload(root);
}

}  // namespace

absl::Status AuditLog::Commit(const std::vector<AuditEntry>& entries, std::vector<storage::MetaStore::Change> changes) {
  std::lock_guard lock(mutex_);
  uint64_t index = next_;
  for (const AuditEntry& entry : entries) changes.push_back({KeyOf(index++), Encode(entry, clock_->WallMs())});
  LINEAL_RETURN_IF_ERROR(meta_->Apply(changes));
  next_ = index;
  return absl::OkStatus();
}

}  // namespace lineal::engine
