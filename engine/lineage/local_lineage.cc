#include "engine/lineage/local_lineage.h"

#include "absl/strings/numbers.h"
#include "base/log.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

// What a session did counts, even if its events could not be kept: closing it notes both.
void LogUnnoted(const IngestSession& session, const absl::Status& status) {
  if (status.ok()) return;
  Log(LogLevel::kWarning, "the events of an ingest session were not kept",
      {{"session", session.id}, {"error", std::string(MessageOf(status))}});
}

}  // namespace

absl::StatusOr<IngestSession> LocalLineage::OpenSession(const IngestSession& wanted) {
  LINEAL_ASSIGN_OR_RETURN(IngestSession session, sessions_.Open(wanted));
  LogUnnoted(session, open_lineage_.NoteSession(session, {}));
  return session;
}

absl::StatusOr<IngestSession> LocalLineage::CloseSession(const std::string& id, SessionState state) {
  LINEAL_ASSIGN_OR_RETURN(const IngestSession before, sessions_.Find(id));
  LINEAL_ASSIGN_OR_RETURN(IngestSession session, sessions_.Close(id, state));
  // Closed before: its events are those of the first time, since collections go on changing.
  if (before.state != SessionState::kOpen) return session;
  std::vector<WrittenCollection> written;
  if (written_) {
    auto found = written_(session.context.run);
    LogUnnoted(session, found.status());
    if (found.ok()) written = *std::move(found);
  }
  LogUnnoted(session, open_lineage_.NoteSession(session, written));
  return session;
}

absl::StatusOr<IngestContext> LocalLineage::ContextOf(const std::string& session) {
  LINEAL_ASSIGN_OR_RETURN(IngestSession found, sessions_.Find(session));
  if (found.state != SessionState::kOpen) {
    return FailedPrecondition("ingest session ", found.id, " is ", NameOf(found.state), ": open another to write");
  }
  return std::move(found.context);
}

absl::Status LocalLineage::CheckUsable(const EmbeddingSpace& space) {
  const uint64_t generation = models_.generation();
  {
    std::lock_guard lock(usable_mutex_);
    if (usable_generation_ != generation) usable_.clear();
    usable_generation_ = generation;
    if (const auto known = usable_.find(space.id); known != usable_.end()) return known->second;
  }
  absl::Status status;
  uint64_t number = 0;
  const std::string& version = space.recipe.model_version;
  if (absl::SimpleAtoi(version, &number)) {
    const absl::StatusOr<ModelVersion> found = models_.FindVersion({space.recipe.model, number});
    if (found.ok() && found->state == VersionState::kWithdrawn) {
      status = Conflict("model `", space.recipe.model, "` version ", version, " was withdrawn: ", found->state_message,
                        "; space ", Describe(space), " takes no more vectors");
    } else if (!found.ok() && found.status().code() != absl::StatusCode::kNotFound) {
      return found.status();
    }
  }
  std::lock_guard lock(usable_mutex_);
  if (usable_generation_ == generation) usable_[space.id] = status;
  return status;
}

}  // namespace lineal::engine
