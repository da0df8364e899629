// Bodies that say where points come from.
#pragma once

#include "engine/api/lineage.h"
#include "engine/api/read.h"
#include "engine/api/revision.h"
#include "server/rest/json_reader.h"

namespace lineal::server {

// {"namespace", "name", "version", "ordinal"}, or the name alone.
absl::StatusOr<engine::PointSource> ReadPointSource(JsonElement element, const JsonPlace& place);
// {"job", "run", "transform", "space", "dataset", "endpoint", "parameters"}, of which none must be there.
absl::StatusOr<engine::IngestSession> ReadSession(JsonElement element, const JsonPlace& place);
// {"state"}: "complete", which is what it is without a body, or "failed".
absl::StatusOr<engine::SessionState> ReadCloseState(JsonElement element, const JsonPlace& place);
// {"source", "run", "transform", "space", "dataset", "principal", "endpoint", "limit", "offset"}
absl::StatusOr<engine::OriginPageRequest> ReadOriginPageRequest(JsonElement element, const JsonPlace& place);

// {"from", "to", "limit"}: numbers of revisions, tags or times, and now for what is not there.
// {"to"} or {"run"}, with "dry_run" and "message"
absl::StatusOr<engine::RollbackRequest> ReadRollback(JsonElement element, const JsonPlace& place);
absl::StatusOr<engine::DiffRequest> ReadDiffRequest(JsonElement element, const JsonPlace& place);
// Text, or a whole number as one.
absl::StatusOr<std::string> ReadText(JsonElement element, const JsonPlace& place);

}  // namespace lineal::server
