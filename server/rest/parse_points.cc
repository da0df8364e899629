#include "server/rest/parse_points.h"

#include <utility>

#include "engine/api/schema.h"
#include "server/rest/parse_lineage.h"

namespace lineal::server {
namespace {

using engine::NamedVector;
using engine::PointInput;

absl::Status CheckBatchSize(size_t points) {
  if (points <= engine::kBatchPointsMax) return absl::OkStatus();
  return MakeError(ErrorKind::kOutOfRange,
                   StrCat("points: more than ", engine::kBatchPointsMax, " points in one request"));
}

// A vector under a name may be null, which is to leave it out.
absl::StatusOr<std::vector<NamedVector>> ReadNamedVectors(const JsonObject& object, const JsonPlace& place) {
  std::vector<NamedVector> out;
  out.reserve(object.size());
  for (auto [name, value] : object) {
    if (value.is_null()) continue;
    LINEAL_ASSIGN_OR_RETURN(std::vector<float> values, ReadDenseVector(value, JsonPlace(place, name)));
    out.push_back({std::string(name), std::move(values)});
  }
  return out;
}

bool IsInferenceInput(const JsonObject& object) {
  return Find(object, "model") && (Find(object, "text") || Find(object, "image") || Find(object, "object"));
}

absl::StatusOr<engine::Value> ReadPayload(const JsonObject& object, const JsonPlace& place) {
  engine::Value payload;
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "payload", place, ReadObjectValue, &payload));
  return payload;
}

absl::StatusOr<PointInput> ReadPoint(JsonElement element, const JsonPlace& place, bool with_payload) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement id, Require(object, "id", place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement vector, Require(object, "vector", place));
  PointInput point;
  LINEAL_ASSIGN_OR_RETURN(point.id, ReadPointId(id, JsonPlace(place, "id")));
  LINEAL_ASSIGN_OR_RETURN(point.vectors, ReadVectors(vector, JsonPlace(place, "vector")));
  if (with_payload) {
    LINEAL_ASSIGN_OR_RETURN(point.payload, ReadPayload(object, place));
  }
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "source", place, ReadPointSource, &point.source));
  return point;
}

absl::StatusOr<std::vector<PointInput>> ReadPoints(JsonElement element, const JsonPlace& place, bool with_payload) {
  LINEAL_ASSIGN_OR_RETURN(JsonArray array, ReadArray(element, place));
  LINEAL_RETURN_IF_ERROR(CheckBatchSize(array.size()));
  std::vector<PointInput> out;
  out.reserve(array.size());
  for (JsonElement item : array) {
    LINEAL_ASSIGN_OR_RETURN(PointInput point, ReadPoint(item, JsonPlace(place, out.size()), with_payload));
    out.push_back(std::move(point));
  }
  return out;
}

absl::Status CheckColumn(const JsonPlace& place, size_t ids, size_t length) {
  if (ids == length) return absl::OkStatus();
  return OutOfRangeAt(place, StrCat("has ", length, " entries for ", ids, " ids"));
}

// A column of vectors under one name, added to the points in their order.
absl::Status ReadVectorColumn(JsonElement element, const std::string& name, const JsonPlace& place,
                              std::vector<PointInput>* points) {
  LINEAL_ASSIGN_OR_RETURN(JsonArray array, ReadArray(element, place));
  LINEAL_RETURN_IF_ERROR(CheckColumn(place, points->size(), array.size()));
  size_t index = 0;
  for (JsonElement item : array) {
    LINEAL_ASSIGN_OR_RETURN(std::vector<float> values, ReadDenseVector(item, JsonPlace(place, index)));
    (*points)[index++].vectors.push_back({name, std::move(values)});
  }
  return absl::OkStatus();
}

absl::Status ReadPayloadColumn(JsonElement element, const JsonPlace& place, std::vector<PointInput>* points) {
  LINEAL_ASSIGN_OR_RETURN(JsonArray array, ReadArray(element, place));
  LINEAL_RETURN_IF_ERROR(CheckColumn(place, points->size(), array.size()));
  size_t index = 0;
  for (JsonElement item : array) {
    if (!item.is_null()) {
      LINEAL_ASSIGN_OR_RETURN((*points)[index].payload, ReadObjectValue(item, JsonPlace(place, index)));
    }
    ++index;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PointInput>> ReadColumns(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement id_column, Require(object, "ids", place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement vectors, Require(object, "vectors", place));
  LINEAL_ASSIGN_OR_RETURN(JsonArray id_array, ReadArray(id_column, JsonPlace(place, "ids")));
  LINEAL_RETURN_IF_ERROR(CheckBatchSize(id_array.size()));
  LINEAL_ASSIGN_OR_RETURN(std::vector<PointId> ids, ReadPointIds(id_column, JsonPlace(place, "ids")));
  std::vector<PointInput> points(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) points[i].id = ids[i];
  const JsonPlace vectors_place(place, "vectors");
  JsonObject named;
  if (!vectors.get(named)) {
    for (auto [name, column] : named) {
      LINEAL_RETURN_IF_ERROR(ReadVectorColumn(column, std::string(name), JsonPlace(vectors_place, name), &points));
    }
  } else {
    LINEAL_RETURN_IF_ERROR(ReadVectorColumn(vectors, "", vectors_place, &points));
  }
  if (auto payloads = Find(object, "payloads")) {
    LINEAL_RETURN_IF_ERROR(ReadPayloadColumn(*payloads, JsonPlace(place, "payloads"), &points));
  }
  return points;
}

}  // namespace

absl::StatusOr<std::vector<float>> ReadDenseVector(JsonElement element, const JsonPlace& place) {
  JsonObject object;
  if (!element.get(object)) {
    if (Find(object, "indices")) return UnsupportedAt(place, "sparse vectors are");
    if (IsInferenceInput(object)) return UnsupportedAt(place, "inference inputs (documents, images) are");
    return WrongType(place, "an array of numbers", element);
  }
  JsonArray array;
  if (!element.get(array) && array.size() > 0 && array.at(0).is_array()) {
    return UnsupportedAt(place, "multi-vectors are");
  }
  return ReadFloats(element, place);
}

absl::StatusOr<std::vector<NamedVector>> ReadVectors(JsonElement element, const JsonPlace& place) {
  JsonObject object;
  if (!element.get(object)) {
    if (IsInferenceInput(object)) return UnsupportedAt(place, "inference inputs (documents, images) are");
    return ReadNamedVectors(object, place);
  }
  if (!element.is_array()) return WrongType(place, "an array of numbers or an object of vectors", element);
  std::vector<NamedVector> out(1);
  LINEAL_ASSIGN_OR_RETURN(out[0].values, ReadDenseVector(element, place));
  return out;
}

absl::StatusOr<std::vector<PointId>> ReadPointIds(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonArray array, ReadArray(element, place));
  std::vector<PointId> out;
  out.reserve(array.size());
  for (JsonElement item : array) {
    LINEAL_ASSIGN_OR_RETURN(PointId id, ReadPointId(item, JsonPlace(place, out.size())));
    out.push_back(id);
  }
  return out;
}

absl::Status RefuseUnsupportedWriteFields(const JsonObject& object, const JsonPlace& place) {
  if (Find(object, "shard_key")) return UnsupportedAt(JsonPlace(place, "shard_key"), "shard keys are");
  if (Find(object, "update_filter")) return UnsupportedAt(JsonPlace(place, "update_filter"), "conditional updates are");
  auto mode = Find(object, "update_mode");
  if (!mode) return absl::OkStatus();
  const JsonPlace at(place, "update_mode");
  LINEAL_ASSIGN_OR_RETURN(std::string name, ReadString(*mode, at));
  if (name == "upsert") return absl::OkStatus();
  if (name == "insert_only" || name == "update_only") return UnsupportedAt(at, StrCat("mode ", name, " is"));
  return MalformedAt(at, "unknown variant, expected one of `upsert`, `insert_only`, `update_only`");
}

absl::StatusOr<engine::UpsertPoints> ReadUpsert(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(RefuseUnsupportedWriteFields(object, place));
  engine::UpsertPoints out;
  if (auto batch = Find(object, "batch")) {
    LINEAL_ASSIGN_OR_RETURN(out.points, ReadColumns(*batch, JsonPlace(place, "batch")));
    return out;
  }
  LINEAL_ASSIGN_OR_RETURN(JsonElement points, Require(object, "points", place));
  LINEAL_ASSIGN_OR_RETURN(out.points, ReadPoints(points, JsonPlace(place, "points"), true));
  return out;
}

absl::StatusOr<engine::UpdateVectors> ReadUpdateVectors(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(RefuseUnsupportedWriteFields(object, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement points, Require(object, "points", place));
  engine::UpdateVectors out;
  LINEAL_ASSIGN_OR_RETURN(out.points, ReadPoints(points, JsonPlace(place, "points"), false));
  if (out.points.empty()) return OutOfRangeAt(JsonPlace(place, "points"), "must have at least one point");
  return out;
}

}  // namespace lineal::server
