#include "engine/lineage/local_lineage.h"

#include "base/status.h"

namespace lineal::engine {

absl::StatusOr<IngestContext> LocalLineage::ContextOf(const std::string& session) {
  LINEAL_ASSIGN_OR_RETURN(IngestSession found, sessions_.Find(session));
  if (found.state != SessionState::kOpen) {
    return FailedPrecondition("ingest session ", found.id, " is ", NameOf(found.state), ": open another to write");
  }
  return std::move(found.context);
}

}  // namespace lineal::engine
