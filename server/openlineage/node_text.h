// Node ids as Marquez writes them: "dataset:NAMESPACE:NAME", "job:NAMESPACE:NAME", "datasetField:NAMESPACE:NAME:FIELD",
// and our own "run:ID". Namespaces and names may hold colons ("s3://bucket:9000"), so that a text may fit several
// nodes.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/api/open_lineage.h"

namespace lineal::server::openlineage {

std::string NodeText(const engine::LineageNodeId& id);
// The node that is there. Its namespace and names may be percent-encoded, and a version after `#` is passed over.
// NOT_FOUND; INVALID_ARGUMENT for a text of no node id, and for one that fits several nodes.
absl::StatusOr<engine::LineageNodeId> FindNode(engine::OpenLineageStore& store, std::string_view text);

}  // namespace lineal::server::openlineage
