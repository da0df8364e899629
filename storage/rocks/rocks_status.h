// RocksDB's outcomes in our terms: the code says what the caller can do next, the message names the database.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace lineal::storage {

// No space → RESOURCE_EXHAUSTED of kind disk full; corruption → DATA_LOSS; NotFound → NOT_FOUND; any other I/O failure
// → UNAVAILABLE; a misuse of the library → INTERNAL. `what` comes before RocksDB's own words.
absl::Status FromRocks(const rocksdb::Status& status, std::string_view what);

}  // namespace lineal::storage
