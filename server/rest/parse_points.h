// Points and their vectors from JSON: the list form, the columnar form, and vectors alone.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/write.h"
#include "server/rest/json_reader.h"

namespace lineal::server {

// {"points": [...]} or {"batch": {"ids", "vectors", "payloads"}}. At most kBatchPointsMax points.
absl::StatusOr<engine::UpsertPoints> ReadUpsert(JsonElement element, const JsonPlace& place);
// {"points": [{"id", "vector"}]}, at least one.
absl::StatusOr<engine::UpdateVectors> ReadUpdateVectors(JsonElement element, const JsonPlace& place);

// An array of numbers (the unnamed vector) or an object of named ones.
absl::StatusOr<std::vector<engine::NamedVector>> ReadVectors(JsonElement element, const JsonPlace& place);
// One dense vector; other kinds are refused by name.
absl::StatusOr<std::vector<float>> ReadDenseVector(JsonElement element, const JsonPlace& place);
absl::StatusOr<std::vector<PointId>> ReadPointIds(JsonElement element, const JsonPlace& place);

// Refuses a shard key and the conditional forms of upsert, which must not be ignored.
absl::Status RefuseUnsupportedWriteFields(const JsonObject& object, const JsonPlace& place);

}  // namespace lineal::server
