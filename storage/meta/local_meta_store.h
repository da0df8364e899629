// The catalogue of one machine: shard 0 of the change log and a data store of its own.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "storage/log/change_log.h"
#include "storage/meta/meta_store.h"
#include "storage/rows/shard_store.h"

namespace lineal::storage {

inline constexpr ShardId kSystemShard{0};

class LocalMetaStore final : public MetaStore {
 public:
  static absl::StatusOr<std::unique_ptr<LocalMetaStore>> Open(const std::string& directory, RocksResources* resources,
                                                              ChangeLog* log);
  ~LocalMetaStore() override;

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override;
  absl::Status List(std::string_view prefix,
                    const std::function<void(std::string_view, std::string_view)>& visit) override;
  absl::Status Scan(std::string_view prefix,
                    const std::function<bool(std::string_view, std::string_view)>& visit) override;
  absl::Status Apply(const std::vector<Change>& changes) override;

  // Makes it durable outside the log and lets the log go.
  absl::Status Flush();
  ShardStore& store() { return *store_; }

 private:
  LocalMetaStore(std::unique_ptr<ShardStore> store, std::unique_ptr<ShardLog> log)
      : store_(std::move(store)), log_(std::move(log)) {}
  absl::Status ApplyCommitted();

  std::mutex mutex_;
  std::unique_ptr<ShardStore> store_;
  std::unique_ptr<ShardLog> log_;
  std::vector<LogEntry> pending_;
};

}  // namespace lineal::storage
