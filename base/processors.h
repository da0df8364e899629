// Processors by their numbers, as threads are kept to them.
//
// Threads: any.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace lineal {

// "0-3,8" as numbers, ascending; none for an empty text. INVALID_ARGUMENT for what cannot be read, and for
// numbers beyond those that the system can name.
absl::StatusOr<std::vector<int>> ParseProcessors(std::string_view text);

// Those that the calling thread may run on.
std::vector<int> AllowedProcessors();
// Keeps the calling thread to them. False, and nothing changes, if the system has none of them, or does not allow it.
bool RunOn(const std::vector<int>& processors);

}  // namespace lineal
