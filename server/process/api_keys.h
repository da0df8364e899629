// The keys of `api_keys_file`.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/core/access.h"

namespace lineal::server {

// A YAML list of maps. INVALID_ARGUMENT with `name` and the line for what is no key, and for a name or key given twice.
absl::StatusOr<std::vector<ApiKey>> ParseApiKeys(const std::string& yaml, const std::string& name);
// At most 4,096 bytes of printable ASCII without spaces; `name` is what the message calls it.
absl::Status CheckKey(std::string_view name, std::string_view key);

}  // namespace lineal::server
