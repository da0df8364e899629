// Embedding spaces, and names that lead to collections, in JSON.
#pragma once

#include "engine/api/database.h"
#include "server/rest/json_writer.h"

namespace lineal::server {

void WriteSpace(JsonWriter* out, const engine::EmbeddingSpace& space);
void WriteAlias(JsonWriter* out, const engine::Alias& alias);
void WriteAliasMove(JsonWriter* out, const engine::AliasMove& move);

}  // namespace lineal::server
