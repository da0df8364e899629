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
  // What was recovered stays in its WAL: writing it out again at every open takes time, and room that a full disk has
  // not.
  options.avoid_flush_during_recovery = true;
  // It would take 1.1 memtables at once, below the floor that the disk guard keeps; an append costs a tenth more.
  options.allow_fallocate = false;
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
