// Filters from JSON. Unknown shapes are errors, never ignored: a filter that says less than its sender meant would
// return other people's points.
#pragma once

#include "absl/status/statusor.h"
#include "engine/api/filter.h"
#include "server/rest/json_reader.h"

namespace lineal::server {

// Within kFilterDepthMax, kFilterConditionsMax and kFilterValuesMax.
absl::StatusOr<engine::Filter> ReadFilter(JsonElement element, const JsonPlace& place);

}  // namespace lineal::server
