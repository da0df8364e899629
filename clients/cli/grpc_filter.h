// A filter in the REST dialect as the message of lineal.v1.
#pragma once

#include "absl/status/status.h"
#include "engine/payload/value.h"

namespace lineal::v1 {
class Filter;
}

namespace lineal::cli {

// must, should and must_not of match, range, is_empty, is_null, has_id and filters within. INVALID_ARGUMENT naming what
// is not known here; nested deeper than 32 is refused.
absl::Status FilterToProto(const engine::Value& json, v1::Filter* filter, int depth = 0);

}  // namespace lineal::cli
