// The data of one shard copy on this machine's disk.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/rows/store_database.h"

namespace lineal::storage {

class LocalShardStore final : public ShardStore {
 public:
  explicit LocalShardStore(std::unique_ptr<StoreDatabase> database) : database_(std::move(database)) {}
  ~LocalShardStore() override { Close(); }
  // Checks the format and finds the applied position.
  absl::Status Start();

  LogHead applied() const override;
  Seq durable() const override;
  std::unique_ptr<StoreBatch> NewBatch() override;
  absl::Status Commit(std::unique_ptr<StoreBatch> batch, const LogHead& head) override;

  absl::StatusOr<std::string> GetRow(RowId row) const override;
  absl::StatusOr<std::vector<std::optional<std::string>>> GetRows(std::span<const RowId> rows) const override;
  absl::StatusOr<std::optional<PidEntry>> GetPid(const PointId& id) const override;
  absl::StatusOr<std::vector<std::optional<PidEntry>>> GetPids(std::span<const PointId> ids) const override;
  absl::StatusOr<std::optional<PayloadVersion>> GetPayload(RowId row, Seq at) const override;
  absl::StatusOr<std::vector<std::optional<PayloadVersion>>> GetPayloads(std::span<const RowId> rows,
                                                                         Seq at) const override;
  absl::StatusOr<std::optional<std::string>> GetMeta(std::string_view key) const override;
  absl::StatusOr<std::vector<std::optional<std::string>>> GetOrigins(std::span<const std::string> keys) const override;

  absl::Status ScanRows(RowId from, const std::function<bool(RowId, std::string_view)>& visit) const override;
  absl::Status ScanPayloads(RowId from, const std::function<bool(RowId, Seq, std::string_view)>& visit) const override;
  absl::Status ScanDied(RowId from, const std::function<bool(RowId, Seq)>& visit) const override;
  absl::Status ScanChanges(Seq from, const std::function<bool(Seq, const ChangeRecord&)>& visit) const override;
  absl::Status ScanMeta(std::string_view prefix,
                        const std::function<bool(std::string_view, std::string_view)>& visit) const override;
  absl::Status ScanOrigins(std::string_view from,
                           const std::function<bool(std::string_view, std::string_view)>& visit) const override;
  std::unique_ptr<PidCursor> NewPidCursor() const override;

  absl::Status Flush() override;
  absl::Status Rewrite() override;
  absl::Status RemoveReplaced() override;
  absl::Status Checkpoint(const std::string& directory) override;
  absl::Status Verify(const std::function<void(const std::string&)>& problem) override;
  uint64_t disk_bytes() const override;
  StoreMemory memory() const override;
  absl::Status Health() const override;
  void Close() override;

 private:
  absl::Status Damaged(std::string_view family, std::string_view key) const;

  std::unique_ptr<StoreDatabase> database_;
  std::atomic<uint64_t> commits_{0};  // batches ever, by which a flush is checked
  mutable std::mutex mutex_;
  LogHead applied_;
};

}  // namespace lineal::storage
