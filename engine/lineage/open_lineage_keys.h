// Where events and the graph that they add up to lie in the catalogue (docs/format/operations.md).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/api/open_lineage.h"

namespace lineal::engine {

// "lineage/default/openlineage/" and the part: "event", "inbox", "due", "reject", "node", "link", "version", "session".
std::string OpenLineagePrefix(std::string_view part);

// A node's kind and names, each ended by a zero byte: no key is the beginning of another's.
std::string NodeKey(const LineageNodeId& id);
// The beginning of the keys of all nodes of a kind, of one namespace unless it is empty.
std::string NodesKey(LineageNodeId::Kind kind, std::string_view name_space = "");
// Takes a node's key off the front of `bytes`; DATA_LOSS for bytes that begin with none.
absl::StatusOr<LineageNodeId> TakeNodeKey(std::string_view* bytes);

inline std::string LinkKey(const std::string& node_key, LineageLinkKind kind, std::string_view other_key = "") {
  return std::string(node_key).append(1, static_cast<char>(kind)).append(other_key);
}

// Text that orders as the number does, or the other way round.
std::string TimeKey(int64_t wall_ms);
std::string NewestFirstKey(int64_t wall_ms);
int64_t WallMsOfNewestFirst(std::string_view key);

}  // namespace lineal::engine
