// Which of OpenLineage's published facets the graph is made from. All others are kept as they came and shown with their
// node. docs/format/openlineage_mapping.json says the same, with reasons.
#pragma once

#include <span>
#include <string_view>

namespace lineal::engine {

struct LineageFacetUse {
  std::string_view entity;  // "run", "job", "dataset", "input", "output"
  std::string_view facet;   // its key
  bool mapped;
};
std::span<const LineageFacetUse> LineageFacetUses();

}  // namespace lineal::engine
