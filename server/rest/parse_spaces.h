// Bodies of /v1/spaces and of a collection's spaces.
#pragma once

#include <string>
#include <utility>

#include "engine/api/database.h"
#include "server/rest/json_reader.h"

namespace lineal::server {

// {"name", "model", "model_version", "tokenizer", "pooling", "normalized", "dim", "cut_from", "dtype", "metric",
// "document_prefix", "query_prefix", "parameters"}; model and dim must be there. The name is first.
absl::StatusOr<std::pair<std::string, engine::SpaceRecipe>> ReadSpace(JsonElement element, const JsonPlace& place);
// {"endpoint", "endpoint_model", "floor", "canaries": [{"text", "role", "vector"}]}
absl::StatusOr<engine::CanarySet> ReadCanaries(JsonElement element, const JsonPlace& place);
// {"vector", "space", "guard", "unlabelled"}; a space of null binds the vector to none.
absl::StatusOr<engine::SchemaChange> ReadSpaceBinding(JsonElement element, const JsonPlace& place,
                                                      engine::SpacePolicy policy);

}  // namespace lineal::server
