// Every check of a shard's data: checksums, values that can be read, and what the families say of each other.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "storage/log/log_entry.h"

namespace lineal::storage {

class StoreDatabase;

// Calls `problem` with each finding, naming family and key.
absl::Status VerifyStore(StoreDatabase* database, const LogHead& applied,
                         const std::function<void(const std::string&)>& problem);

}  // namespace lineal::storage
