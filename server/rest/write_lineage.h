// Where points come from, as JSON.
#pragma once

#include "engine/api/lineage.h"
#include "engine/api/read.h"
#include "engine/api/revision.h"
#include "server/rest/json_writer.h"

namespace lineal::server {

void WriteSession(JsonWriter* out, const engine::IngestSession& session);
void WriteRevision(JsonWriter* out, const engine::Revision& revision);
// How many points changed how, by source and run, and which, as far as they were asked for.
void WriteDiff(JsonWriter* out, const engine::RevisionDiff& diff);
void WriteOrigin(JsonWriter* out, const engine::PointOrigin& origin);
// {"points": [{"id", "origin"}], "next_page_offset"}
void WriteOriginPage(JsonWriter* out, const engine::OriginPage& page);
// {"contexts": [...], "points", "unattributed"}
void WriteOriginCounts(JsonWriter* out, const std::vector<engine::ContextCount>& counts);

}  // namespace lineal::server
