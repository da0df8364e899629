// The database on one machine: opens a data directory and gives the interface of engine/api/database.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "engine/api/database.h"
#include "engine/lineage/open_lineage_options.h"
#include "engine/lineage/verify_audit_log.h"
#include "storage/log/change_log.h"
#include "storage/rocks/resources.h"

namespace lineal::engine {

struct DatabaseOptions {
  std::string directory;
  storage::ResourceOptions resources;
  storage::ChangeLogOptions log;
  size_t search_threads = 2;
  size_t optimizer_threads = 1;
  std::vector<int> optimizer_processors;  // that they are kept to; none: all
  bool optimizer_enabled = true;          // off in tests that want to drive it by hand
  uint32_t unsealed_segments_max = 4;     // full growing segments a shard may keep in memory before writers wait
  std::chrono::milliseconds sealing_wait{10'000};
  const Clock* clock = nullptr;               // null: the system's
  lineal::FileSystem* file_system = nullptr;  // null: the system's
  uint64_t memory_limit_bytes = 0;            // of the memory ledger; writes beyond are refused. 0: none
  uint64_t process_bytes = 0;                 // what the process held before; a line of the memory ledger
  uint64_t seed = 0;                          // 0: from the operating system
  std::string audit_key_file;  // that checkpoints are signed with; empty: keys/audit.key of the directory
  OpenLineageOptions open_lineage;
};
std::string AuditKeyPath(const DatabaseOptions& options);

// Locks the directory, checks its format version, opens every collection, replays the log. FAILED_PRECONDITION when
// another process has the directory or its format is not this build's (the message says what to do); DATA_LOSS naming
// the file for damage that cannot be rebuilt.
absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const DatabaseOptions& options);

// Checks everything in a data directory that no process has open: log chain, rows, derived files against each other.
// Calls `problem` with each finding. OK if it could look everywhere, whatever it found.
absl::Status VerifyDirectory(const DatabaseOptions& options, const std::function<void(const std::string&)>& problem);

// The same of the audit log alone, against checkpoints that were kept outside and whose signatures were checked.
absl::StatusOr<AuditVerification> VerifyAuditOf(const DatabaseOptions& options,
                                                const std::vector<AuditCheckpoint>& kept,
                                                const std::function<void(const std::string&)>& problem);

}  // namespace lineal::engine
