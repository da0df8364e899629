// One shard's view of the node's change log.
#pragma once

#include <memory>
#include <vector>

#include "storage/log/shard_log.h"
#include "storage/log/shard_state.h"

namespace lineal::storage {

class LocalChangeLog;

class LocalShardLog final : public ShardLog {
 public:
  LocalShardLog(LocalChangeLog* log, std::shared_ptr<ShardState> state) : log_(log), state_(std::move(state)) {}
  ~LocalShardLog() override;

  absl::StatusOr<Seq> Append(const EntryDraft& draft) override;
  std::vector<LogEntry> TakeCommitted() override;
  LogHead head() const override;
  void Release(Seq seq) override;

 private:
  LocalChangeLog* const log_;
  const std::shared_ptr<ShardState> state_;
};

}  // namespace lineal::storage
