// What the database knows of how its points come to be, beside the points themselves.
//
// Threads: any. Calls block until they are durable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/api/audit.h"
#include "engine/api/models.h"
#include "engine/api/open_lineage.h"
#include "engine/api/origin.h"
#include "engine/api/receipt.h"
#include "engine/api/space.h"
#include "engine/payload/value.h"

namespace lineal::engine {

enum class SessionState { kOpen, kComplete, kFailed };
std::string_view NameOf(SessionState state);

// One job that writes: what it writes while its session is named comes from the session's context.
struct IngestSession {
  std::string id;  // a UUID
  std::string job;
  IngestContext context;
  Value parameters;  // an object, or null
  SessionState state = SessionState::kOpen;
  int64_t opened_ms = 0;
  int64_t closed_ms = 0;  // 0 while it is open
};

class Lineage {
 public:
  virtual ~Lineage() = default;

  // Of `wanted` the job, the context and the parameters; a run that is not named is named by the session's id.
  virtual absl::StatusOr<IngestSession> OpenSession(const IngestSession& wanted) = 0;
  // NOT_FOUND.
  virtual absl::StatusOr<IngestSession> FindSession(const std::string& id) = 0;
  // Once; what it is closed as again must be the same. FAILED_PRECONDITION otherwise.
  virtual absl::StatusOr<IngestSession> CloseSession(const std::string& id, SessionState state) = 0;
  // Newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<IngestSession>> ListSessions(uint64_t limit) = 0;
  // What writes in the session come from. FAILED_PRECONDITION when it is closed.
  virtual absl::StatusOr<IngestContext> ContextOf(const std::string& session) = 0;
  // The log of all this; lives as long as the lineage.
  virtual Audit& audit() = 0;
  virtual SpaceRegistry& spaces() = 0;
  virtual Receipts& receipts() = 0;
  virtual ModelRegistry& models() = 0;
  // CONFLICT for the space of a model version that was withdrawn.
  virtual absl::Status CheckUsable(const EmbeddingSpace& space) = 0;
  virtual OpenLineageStore& open_lineage() = 0;
};

}  // namespace lineal::engine
