#include "storage/log/log_options.h"

namespace lineal::storage {

rocksdb::DBOptions LogDatabaseOptions(RocksResources* resources, uint64_t segment_bytes) {
  rocksdb::DBOptions options;
  resources->Configure("change log", RocksResources::Budget::kOwn, &options);
  // A bound on memory when segments are released late: beyond it the oldest goes to an SST.
  options.db_write_buffer_size = 4 * segment_bytes;
  // The WAL is rolled by us, at a segment's end; RocksDB would flush live segments to shorten it.
  options.max_total_wal_size = 1ull << 40;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.wal_compression = rocksdb::kNoCompression;
  options.recycle_log_file_num = 0;
  return options;
}

rocksdb::ColumnFamilyOptions SegmentOptions(uint64_t segment_bytes) {
  rocksdb::ColumnFamilyOptions options;
  // Larger than a segment, so that one that is dropped in time never reaches an SST.
  options.write_buffer_size = 2 * segment_bytes;
  options.max_write_buffer_number = 4;
  options.compression = rocksdb::kNoCompression;
  options.disable_auto_compactions = true;
  return options;
}

}  // namespace lineal::storage
