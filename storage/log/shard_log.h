// One shard's change log. Implemented over the node's ChangeLog; a replicated one implements the same.
//
// Threads: any number Append(); TakeCommitted() is called by one thread at a time (whoever holds the shard's apply
// right).
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/log/log_entry.h"

namespace lineal::storage {

class ShardLog {
 public:
  virtual ~ShardLog() = default;

  // Gives the entry the next seq and returns when it is committed (here: synced). Concurrent appends, of all shards,
  // share one sync. RESOURCE_EXHAUSTED of kind disk full: nothing was written. UNAVAILABLE: the log cannot take writes
  // (an I/O error); whether the entry survives is not known and it was not acknowledged.
  virtual absl::StatusOr<Seq> Append(const EntryDraft& draft) = 0;

  // Committed entries not taken before, in seq order without gaps. Every entry whose Append has returned is among them
  // or was taken.
  virtual std::vector<LogEntry> TakeCommitted() = 0;

  // The newest committed entry.
  virtual LogHead head() const = 0;

  // Entries up to `seq` are applied and durable in the data: their bodies may go.
  virtual void Release(Seq seq) = 0;
};

}  // namespace lineal::storage
