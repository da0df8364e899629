#include "storage/rows/store_options.h"

#include <algorithm>

#include "rocksdb/cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"

namespace lineal::storage {
namespace {

rocksdb::CompressionType TableCompression() {
  const std::vector<rocksdb::CompressionType> built_in = rocksdb::GetSupportedCompressions();
  const bool has_lz4 = std::find(built_in.begin(), built_in.end(), rocksdb::kLZ4Compression) != built_in.end();
  return has_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

rocksdb::BlockBasedTableOptions TableOptions(RocksResources* resources, bool bloom) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = resources->block_cache();
  table.format_version = 5;
  table.block_size = 8 << 10;
  table.cache_index_and_filter_blocks = true;
  // In pieces: the whole index and filter of a table file take hundreds of kilobytes, which a small cache gives up
  // again and again, and then every look-up reads and unpacks them.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 8 << 10;
  table.pin_top_level_index_and_filter = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  if (bloom) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  return table;
}

rocksdb::ColumnFamilyOptions PlainFamily(RocksResources* resources, const ShardStoreOptions& options, bool bloom) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.memtable_bytes;
  // Above three, RocksDB answers a late flush by slowing writers, down to 16 KB/s and slow to recover; at three they
  // wait for the flush and go on at full speed.
  family.max_write_buffer_number = 3;
  // Seven families a shard: the default of 1 MiB each lets a few dozen idle shards use up the node's write-buffer
  // budget, and then every write starts a flush.
  family.arena_block_size = 64 << 10;
  family.target_file_size_base = options.table_file_bytes;
  family.level_compaction_dynamic_level_bytes = true;
  family.compression = TableCompression();
  family.bottommost_compression = TableCompression();
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableOptions(resources, bloom)));
  return family;
}

rocksdb::ColumnFamilyOptions BlobFamily(RocksResources* resources, const ShardStoreOptions& options,
                                        uint64_t blob_bytes_min) {
  rocksdb::ColumnFamilyOptions family = PlainFamily(resources, options, true);
  family.enable_blob_files = true;
  family.min_blob_size = blob_bytes_min;
  family.blob_file_size = options.blob_file_bytes;
  family.blob_compression_type = rocksdb::kNoCompression;
  family.enable_blob_garbage_collection = true;
  family.blob_garbage_collection_age_cutoff = 1.0;
  family.blob_garbage_collection_force_threshold = 0.3;
  family.blob_cache = resources->block_cache();
  return family;
}

}  // namespace

rocksdb::DBOptions StoreDatabaseOptions(const std::string& directory, RocksResources* resources) {
  rocksdb::DBOptions options;
  resources->Configure(directory, RocksResources::Budget::kShared, &options);
  options.atomic_flush = true;
  // A list of files names the first and last key of each, also of those that are gone: it is begun anew with every
  // change, so that what was erased does not stay in it.
  options.max_manifest_file_size = 1;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> StoreFamilies(RocksResources* resources,
                                                           const ShardStoreOptions& options) {
  return {
      {rocksdb::kDefaultColumnFamilyName, PlainFamily(resources, options, false)},
      {"rows", BlobFamily(resources, options, options.row_blob_bytes_min)},
      {"payload", BlobFamily(resources, options, options.payload_blob_bytes_min)},
      {"pid", PlainFamily(resources, options, true)},
      {"died", PlainFamily(resources, options, true)},
      {"chg", PlainFamily(resources, options, false)},
      {"origin", PlainFamily(resources, options, true)},
  };
}

}  // namespace lineal::storage
