#include "engine/lineage/audit_records.h"

#include "base/coding.h"
#include "base/status.h"
#include "engine/lineage/lineage_keys.h"

namespace lineal::engine {
namespace {

constexpr uint8_t kFormat = 1;

std::string HeadKey() { return AuditPrefix() + "head"; }

std::string Numbered(std::string prefix, uint64_t index) {
  PutBig64(&prefix, index);
  return prefix;
}

}  // namespace

std::string AuditPrefix() { return LineagePrefix("log"); }
std::string LeafPrefix() { return AuditPrefix() + "leaf/"; }
std::string LeafKey(uint64_t index) { return Numbered(LeafPrefix(), index); }
std::string OpeningPrefix() { return AuditPrefix() + "open/"; }
std::string OpeningKey(uint64_t index) { return Numbered(OpeningPrefix(), index); }
std::string NodePrefix() { return AuditPrefix() + "node/"; }
std::string NodeKey(uint32_t level, uint64_t index) {
  std::string prefix = NodePrefix();
  prefix.push_back(static_cast<char>(level));
  return Numbered(std::move(prefix), index);
}

absl::StatusOr<AuditHead> ReadHead(storage::MetaStore* meta) {
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta->Get(HeadKey()));
  AuditHead head;
  if (!bytes) return head;
  Reader reader(*bytes);
  const uint8_t format = reader.Fixed<uint8_t>();
  head.size = reader.Varint();
  head.wall_ms = reader.Fixed<int64_t>();
  head.origin = std::string(reader.String());
  head.key = std::string(reader.String());
  if (format != kFormat || !reader.ok() || !reader.AtEnd()) return DataLoss("the head of the audit log cannot be read");
  return head;
}

storage::MetaStore::Change HeadChange(const AuditHead& head) {
  std::string out;
  PutFixed(&out, kFormat);
  PutVarint(&out, head.size);
  PutFixed(&out, head.wall_ms);
  PutString(&out, head.origin);
  PutString(&out, head.key);
  return {HeadKey(), std::move(out)};
}

absl::StatusOr<std::string> ReadLeaf(storage::MetaStore* meta, uint64_t index) {
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> leaf, meta->Get(LeafKey(index)));
  if (!leaf) return DataLoss("leaf ", index, " of the audit log is missing");
  return *std::move(leaf);
}

absl::StatusOr<Digest> StoredNodes::Node(uint32_t level, uint64_t index) const {
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(NodeKey(level, index)));
  Digest hash{};
  if (!bytes || bytes->size() != hash.size()) {
    return DataLoss("node ", index, " of level ", level, " of the audit log is missing");
  }
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

}  // namespace lineal::engine
