// Every check the change log knows, over everything it holds.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace lineal::storage {

class LogDatabase;

// Calls `problem` with each finding, naming shard and seq. Not OK only when the walk itself could not go on.
absl::Status VerifyLog(LogDatabase& database, const std::function<void(const std::string&)>& problem);

}  // namespace lineal::storage
