// Reading a shard's entries out of the log with every check: checksum, digest, chain, no gap.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "storage/log/log_entry.h"

namespace lineal::storage {

class LogDatabase;

// The entries after `from`. DATA_LOSS naming shard and seq when the log does not go on where `from` ends.
absl::StatusOr<std::vector<LogEntry>> ReadBack(const LogDatabase& database, ShardId shard, const LogHead& from);

inline LogHead HeadOf(const LogEntry& entry) { return {entry.seq, entry.wall_ms, entry.chain_hash}; }

}  // namespace lineal::storage
