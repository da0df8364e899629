// The data's RocksDB options, each with its reason (docs/format/rocksdb_options.md).
#pragma once

#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "storage/rows/shard_store.h"

namespace lineal::storage {

rocksdb::DBOptions StoreDatabaseOptions(const std::string& directory, RocksResources* resources);
// One per Family, in its order.
std::vector<rocksdb::ColumnFamilyDescriptor> StoreFamilies(RocksResources* resources, const ShardStoreOptions& options);

}  // namespace lineal::storage
