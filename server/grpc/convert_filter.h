// Filters from the wire.
//
// Threads: any; nothing is kept.
#pragma once

#include "absl/status/statusor.h"
#include "engine/api/filter.h"
#include "lineal/v1/filter.pb.h"

namespace lineal::server {

// INVALID_ARGUMENT for a filter beyond kFilterDepthMax, kFilterConditionsMax or kFilterValuesMax (found without
// recursion, before anything is built), a condition with nothing set, or a bound that is NaN.
absl::StatusOr<engine::Filter> FilterFromWire(const v1::Filter& filter);

}  // namespace lineal::server
