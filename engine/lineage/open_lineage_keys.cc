#include "engine/lineage/open_lineage_keys.h"

#include "base/coding.h"
#include "base/status.h"
#include "engine/lineage/lineage_keys.h"

namespace lineal::engine {
namespace {

using Kind = LineageNodeId::Kind;

absl::StatusOr<std::string> TakeText(std::string_view* bytes) {
  const size_t end = bytes->find('\0');
  if (end == std::string_view::npos) return DataLoss("the key of a node of lineage ends early");
  std::string text(bytes->substr(0, end));
  bytes->remove_prefix(end + 1);
  return text;
}

}  // namespace

std::string OpenLineagePrefix(std::string_view part) { return LineagePrefix("openlineage").append(part).append("/"); }

std::string NodesKey(Kind kind, std::string_view name_space) {
  std::string key(1, static_cast<char>(kind));
  if (!name_space.empty()) key.append(name_space).push_back('\0');
  return key;
}

std::string NodeKey(const LineageNodeId& id) {
  std::string key(1, static_cast<char>(id.kind));
  if (id.kind != Kind::kRun) key.append(id.name_space).push_back('\0');
  key.append(id.name).push_back('\0');
  if (id.kind == Kind::kField) key.append(id.field).push_back('\0');
  return key;
}

absl::StatusOr<LineageNodeId> TakeNodeKey(std::string_view* bytes) {
  LineageNodeId id;
  const char kind = bytes->empty() ? '\0' : bytes->front();
  if (kind != 'd' && kind != 'f' && kind != 'j' && kind != 'r') return DataLoss("a node of lineage of unknown kind");
  id.kind = static_cast<Kind>(kind);
  bytes->remove_prefix(1);
  if (id.kind != Kind::kRun) {
    LINEAL_ASSIGN_OR_RETURN(id.name_space, TakeText(bytes));
  }
  LINEAL_ASSIGN_OR_RETURN(id.name, TakeText(bytes));
  if (id.kind == Kind::kField) {
    LINEAL_ASSIGN_OR_RETURN(id.field, TakeText(bytes));
  }
  return id;
}

std::string TimeKey(int64_t wall_ms) {
  std::string key;
  PutBig64(&key, static_cast<uint64_t>(wall_ms));
  return key;
}

std::string NewestFirstKey(int64_t wall_ms) {
  std::string key;
  PutBig64(&key, ~static_cast<uint64_t>(wall_ms));
  return key;
}

int64_t WallMsOfNewestFirst(std::string_view key) {
  return key.size() < 8 ? 0 : static_cast<int64_t>(~GetBig64(key.data()));
}

}  // namespace lineal::engine
