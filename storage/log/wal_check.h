// A look at the write-ahead files before RocksDB replays them. Every write of the log is synced before the next begins,
// so after a crash one batch at most may be torn, and it is the last. RocksDB stops at the first bad record and takes
// what follows for lost without a word; here anything good behind something bad is damage, and is named. Files of
// which every segment is dropped may be anything: they only wait to be deleted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
class WriteBatch;
}  // namespace rocksdb

namespace lineal::storage {

// Every batch of the log says which segment it writes to, in the write-ahead file only.
void TagBatch(rocksdb::WriteBatch* batch, uint64_t segment);

// `live_segments` are the numbers the manifest knows, in order. DATA_LOSS naming file and offset.
absl::Status CheckWals(rocksdb::Env* env, const std::string& directory, const std::vector<uint64_t>& live_segments);

}  // namespace lineal::storage
