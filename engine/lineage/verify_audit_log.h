// Recomputes the audit log from its leaves and names what does not fit: leaves, nodes, bodies, records of the catalogue
// that are not what the log says, and checkpoints that were given out and no longer hold.
//
// Threads: one; nothing else may change the catalogue meanwhile.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/audit.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

struct AuditVerification {
  uint64_t entries = 0;
  uint64_t erased = 0;   // entries whose body is no longer there
  uint64_t records = 0;  // of the catalogue, held against the log
  std::string origin;
  Digest root{};    // of the leaves as they are
  std::string key;  // the public key that the log says signs; empty if none did yet
};

// `kept` are checkpoints whose signatures were checked. Calls `problem` with each finding, the first bad leaf first.
absl::StatusOr<AuditVerification> VerifyAuditLog(storage::MetaStore* meta, const std::vector<AuditCheckpoint>& kept,
                                                 const std::function<void(const std::string&)>& problem);

}  // namespace lineal::engine
