// Whether each row says where it came from, and nothing else does.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "storage/rows/shard_store.h"

namespace lineal::engine {

// Calls `problem` with each finding: a row without an origin, an origin without a row, a number that stands for
// nothing, an index entry that fits no row or is missing, counts of living points that are wrong.
absl::Status VerifyOrigins(const storage::ShardStore& store, const std::function<void(const std::string&)>& problem);

}  // namespace lineal::engine
