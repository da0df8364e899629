// Filters as bytes, for operations that select points by filter.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/coding.h"
#include "engine/api/filter.h"

namespace lineal::engine {

void AppendFilter(std::string* out, const Filter& filter);
// DATA_LOSS for anything AppendFilter does not write, or nested beyond kFilterDepthMax.
absl::StatusOr<Filter> ReadFilter(Reader* reader, int depth = 0);

}  // namespace lineal::engine
