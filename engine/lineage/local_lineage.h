// What the database on one machine knows of how its points come to be.
//
// Threads: any.
#pragma once

#include "engine/lineage/audit_log.h"
#include "engine/lineage/ingest_sessions.h"
#include "engine/lineage/model_registry.h"

namespace lineal::engine {

class LocalLineage final : public Lineage {
 public:
  LocalLineage(storage::MetaStore* meta, const Clock* clock)
      : audit_(meta, clock), sessions_(meta, clock), models_(meta, &audit_, clock) {}

  absl::StatusOr<IngestSession> OpenSession(const IngestSession& wanted) override { return sessions_.Open(wanted); }
  absl::StatusOr<IngestSession> FindSession(const std::string& id) override { return sessions_.Find(id); }
  absl::StatusOr<IngestSession> CloseSession(const std::string& id, SessionState state) override {
    return sessions_.Close(id, state);
  }
  absl::StatusOr<std::vector<IngestSession>> ListSessions(uint64_t limit) override { return sessions_.List(limit); }
  absl::StatusOr<IngestContext> ContextOf(const std::string& session) override;
  ModelRegistry* models() override { return &models_; }

  AuditLog& audit() { return audit_; }

 private:
  AuditLog audit_;
  IngestSessions sessions_;
  LocalModelRegistry models_;
};

}  // namespace lineal::engine
