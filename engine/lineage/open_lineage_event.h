// An OpenLineage event as it is read: its structure is checked, not the formats of its texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/open_lineage.h"

namespace lineal::engine {

inline constexpr size_t kLineageNameMax = 4'096;  // bytes of a namespace, name or id
inline constexpr size_t kLineageDatasetsMax = 10'000;
inline constexpr size_t kLineageFacetsMax = 1'000;

struct LineageEventEntity {
  LineageNodeId id;
  Value facets = Value::EmptyObject();
  Value side_facets = Value::EmptyObject();  // of a dataset as input or output
};

struct LineageEvent {
  std::string id;  // SHA-256 of its bytes, in hex
  std::string type;
  std::string time;
  int64_t time_us = 0;  // 0 for a time that cannot be read
  std::optional<LineageEventEntity> run, job, dataset;
  std::vector<LineageEventEntity> inputs, outputs;

  std::string_view kind() const { return run ? "run" : job ? "job" : "dataset"; }
};

// INVALID_ARGUMENT of kind malformed for JSON that cannot be read; of no kind for what is no event, with the place.
absl::StatusOr<LineageEvent> ReadLineageEvent(std::string_view bytes);

}  // namespace lineal::engine
