// The change log's RocksDB options, each with its reason (docs/format/rocksdb_options.md).
#pragma once

#include <cstdint>

#include "rocksdb/options.h"
#include "storage/rocks/resources.h"

namespace lineal::storage {

rocksdb::DBOptions LogDatabaseOptions(RocksResources* resources, uint64_t segment_bytes);
rocksdb::ColumnFamilyOptions SegmentOptions(uint64_t segment_bytes);

}  // namespace lineal::storage
