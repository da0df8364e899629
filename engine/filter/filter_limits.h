// Holds a filter to the limits of engine/api/filter.h before anything recurses into it.
#pragma once

#include "absl/status/status.h"
#include "engine/api/filter.h"

namespace lineal::engine {

// OUT_OF_RANGE kind with the value and the limit.
absl::Status CheckFilterLimits(const Filter& filter);

}  // namespace lineal::engine
