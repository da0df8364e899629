// The RocksDB under a shard's data. It alone holds column-family handles: everybody else names a Family, so that one
// database's handle cannot be given to another.
//
// Threads: reads from any; Write() by one at a time, Ready() and Flush() by any.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rows/shard_store.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Iterator;
class Status;
class WriteBatch;
struct ReadOptions;
}  // namespace rocksdb

namespace lineal::storage {

class StoreHealth;

// In the order of the families on disk; the first is RocksDB's default.
enum class Family { kMeta, kRows, kPayload, kPid, kDied, kChanges, kOrigins };
inline constexpr size_t kFamilyCount = 7;

class StoreDatabase {
 public:
  static absl::StatusOr<std::unique_ptr<StoreDatabase>> Open(const std::string& directory, RocksResources* resources,
                                                             const ShardStoreOptions& options);
  ~StoreDatabase();

  void Put(rocksdb::WriteBatch* batch, Family family, std::string_view key, std::string_view value) const;
  void Delete(rocksdb::WriteBatch* batch, Family family, std::string_view key) const;
  void DeleteRange(rocksdb::WriteBatch* batch, Family family, std::string_view begin, std::string_view end) const;
  absl::Status Write(rocksdb::WriteBatch* batch);

  // Nothing where there is no such key.
  absl::StatusOr<std::optional<std::string>> Get(Family family, std::string_view key) const;
  // As a crash would leave it.
  absl::StatusOr<std::optional<std::string>> GetPersisted(Family family, std::string_view key) const;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(Family family,
                                                                   std::span<const std::string> keys) const;
  absl::Status ReadFailed(const rocksdb::Status& status) const;
  std::unique_ptr<rocksdb::Iterator> NewIterator(Family family, const rocksdb::ReadOptions& options) const;
  // In key order from `from` on, without filling the cache; `visit` returns false to stop.
  absl::Status Scan(Family family, std::string_view from,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

  // Every family at once, always: flushing one would put the applied seq ahead of what it speaks of.
  // `done` says whether what mattered has reached the disk: RocksDB's own word is not enough after it resumed from a
  // full disk, when a flush can return while the files are yet to be written.
  absl::Status Flush(const std::function<absl::StatusOr<bool>()>& done);
  // Tables of every family down to the last level, and blob files.
  absl::Status RewriteFiles();
  absl::Status RemoveObsolete();
  absl::Status Checkpoint(const std::string& directory);
  absl::Status VerifyChecksums();
  uint64_t disk_bytes() const;
  StoreMemory memory() const;
  absl::Status Health() const;
  // OK, or why it refuses writes. After a full disk it goes on by itself once there is room.
  absl::Status Ready();
  const std::string& directory() const { return directory_; }

 private:
  StoreDatabase(std::string directory, RocksResources* resources);
  rocksdb::ColumnFamilyHandle* Handle(Family family) const { return handles_[static_cast<size_t>(family)]; }

  const std::string directory_;
  RocksResources* const resources_;
  std::shared_ptr<StoreHealth> health_;
  std::unique_ptr<rocksdb::DB> database_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::mutex resume_mutex_;
};

}  // namespace lineal::storage
