// What a collection is made of, from JSON: creation, changes, payload indexes, aliases. Settings that change nothing
// here are kept as they came in CollectionSchema::raw_config, by their names in the dialect, for the info to echo.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/database.h"
#include "server/rest/json_reader.h"

namespace lineal::server {

absl::StatusOr<engine::CollectionSchema> ReadCreateCollection(JsonElement element, const JsonPlace& place);
// The change that makes of `current` what the body asks for.
absl::StatusOr<engine::SchemaChange> ReadUpdateCollection(JsonElement element, const JsonPlace& place,
                                                          const engine::CollectionSchema& current);
// {"dense": {"size", "distance", ...}}
absl::StatusOr<engine::VectorSchema> ReadVectorConfig(JsonElement element, const JsonPlace& place);
// {"field_name", "field_schema"}
absl::StatusOr<std::pair<std::string, engine::FieldSchema>> ReadFieldIndex(JsonElement element, const JsonPlace& place);
// {"actions": [...]}
absl::StatusOr<std::vector<engine::AliasChange>> ReadAliasChanges(JsonElement element, const JsonPlace& place);

}  // namespace lineal::server
