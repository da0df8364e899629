// Takes the files off the disk that a database no longer needs, now: RocksDB removes them behind, some time after the
// call that made them obsolete has returned.
//
// Threads: any.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace lineal::storage {

// `what` begins the message of a failure.
absl::Status RemoveObsoleteFiles(rocksdb::DB* database, const std::string& what);

}  // namespace lineal::storage
