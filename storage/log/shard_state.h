// What the change log keeps in memory of one shard.
#pragma once

#include <mutex>
#include <vector>

#include "base/ids.h"
#include "storage/log/log_entry.h"

namespace lineal::storage {

struct ShardState {
  explicit ShardState(ShardId id) : shard(id) {}
  const ShardId shard;

  // The end of the chain. Changed by the commit leader alone (which holds `mutex` to do it).
  LogHead head;

  std::mutex mutex;
  std::vector<LogEntry> committed;  // not taken yet
  Seq released = kNoSeq;
  bool open = false;
  bool dropped = false;
};

}  // namespace lineal::storage
