// What the database on one machine knows of how its points come to be.
//
// Threads: any.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "engine/lineage/audit_log.h"
#include "engine/lineage/ingest_sessions.h"
#include "engine/lineage/model_registry.h"
#include "engine/lineage/open_lineage_store.h"
#include "engine/lineage/signed_log.h"
#include "engine/lineage/signed_receipts.h"
#include "engine/lineage/space_registry.h"

namespace lineal::engine {

class LocalLineage final : public Lineage {
 public:
  // Both outlive this.
  LocalLineage(storage::MetaStore* meta, const Clock* clock, KeyFile key_file, OpenLineageOptions open_lineage = {})
      : log_(meta, clock),
        audit_(meta, clock, &log_, std::move(key_file)),
        receipts_(&audit_, clock),
        sessions_(meta, &log_, clock),
        models_(meta, &log_, clock),
        spaces_(meta, &log_, clock),
        open_lineage_(meta, clock, std::move(open_lineage)) {}
  // Once, before anything else.
  absl::Status Load() { return spaces_.Load(); }

  // Who knows which collections a run wrote. Before the first session is closed.
  using Written = std::function<absl::StatusOr<std::vector<WrittenCollection>>(const std::string& run)>;
  void AskForWritten(Written written) { written_ = std::move(written); }

  absl::StatusOr<IngestSession> OpenSession(const IngestSession& wanted) override;
  absl::StatusOr<IngestSession> FindSession(const std::string& id) override { return sessions_.Find(id); }
  absl::StatusOr<IngestSession> CloseSession(const std::string& id, SessionState state) override;
  absl::StatusOr<std::vector<IngestSession>> ListSessions(uint64_t limit) override { return sessions_.List(limit); }
  absl::StatusOr<IngestContext> ContextOf(const std::string& session) override;
  ModelRegistry& models() override { return models_; }

  OpenLineageStore& open_lineage() override { return open_lineage_; }
  SpaceRegistry& spaces() override { return spaces_; }
  Audit& audit() override { return audit_; }
  Receipts& receipts() override { return receipts_; }

  absl::Status CheckUsable(const EmbeddingSpace& space) override;

  AuditLog& log() { return log_; }

 private:
  AuditLog log_;
  SignedLog audit_;
  SignedReceipts receipts_;
  IngestSessions sessions_;
  LocalModelRegistry models_;
  LocalSpaceRegistry spaces_;
  LocalOpenLineage open_lineage_;
  Written written_;

  // What CheckUsable found since the registry last changed, by a space's id.
  std::mutex usable_mutex_;
  uint64_t usable_generation_ = 0;
  std::map<std::string, absl::Status> usable_;
};

}  // namespace lineal::engine
