// Registered models and their versions, as JSON of our own.
#pragma once

#include "engine/api/models.h"
#include "server/rest/json_writer.h"

namespace lineal::server {

void WriteModel(JsonWriter* out, const engine::RegisteredModel& model);
void WriteModelVersion(JsonWriter* out, const engine::ModelVersion& version);
void WriteAliasMove(JsonWriter* out, const engine::ModelAliasMove& move);

}  // namespace lineal::server
