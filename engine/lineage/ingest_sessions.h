// Ingest sessions in the catalogue.
//
// Threads: any.
#pragma once

#include <mutex>

#include "base/clock.h"
#include "engine/api/lineage.h"
#include "engine/lineage/audit_log.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

class IngestSessions {
 public:
  // All outlive this.
  IngestSessions(storage::MetaStore* meta, AuditLog* log, const Clock* clock) : meta_(meta), log_(log), clock_(clock) {}

  absl::StatusOr<IngestSession> Open(const IngestSession& wanted);
  absl::StatusOr<IngestSession> Find(const std::string& id);
  absl::StatusOr<IngestSession> Close(const std::string& id, SessionState state);
  absl::StatusOr<std::vector<IngestSession>> List(uint64_t limit);

 private:
  // With an entry of that kind.
  absl::Status Save(const char* kind, const IngestSession& session);

  storage::MetaStore* const meta_;
  AuditLog* const log_;
  const Clock* const clock_;
  std::mutex change_mutex_;
};

}  // namespace lineal::engine
