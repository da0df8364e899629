#include "server/rest/parse_update.h"

#include <utility>

#include "engine/api/schema.h"
#include "server/rest/parse_filter.h"
#include "server/rest/parse_points.h"

namespace lineal::server {
namespace {

using engine::WriteOp;

// {"points": [...]} or {"filter": {...}}
absl::StatusOr<engine::PointSelector> ReadSelector(const JsonObject& object, const JsonPlace& place) {
  LINEAL_RETURN_IF_ERROR(RefuseUnsupportedWriteFields(object, place));
  if (auto points = Find(object, "points")) {
    LINEAL_ASSIGN_OR_RETURN(std::vector<PointId> ids, ReadPointIds(*points, JsonPlace(place, "points")));
    return engine::PointSelector(std::move(ids));
  }
  if (auto filter = Find(object, "filter")) {
    LINEAL_ASSIGN_OR_RETURN(engine::Filter parsed, ReadFilter(*filter, JsonPlace(place, "filter")));
    return engine::PointSelector(std::move(parsed));
  }
  return MalformedAt(place, "either a list of `points` or a `filter` must be given");
}

absl::StatusOr<WriteOp> ReadSetPayload(const JsonObject& object, const JsonPlace& place) {
  engine::SetPayload op;
  LINEAL_ASSIGN_OR_RETURN(JsonElement payload, Require(object, "payload", place));
  LINEAL_ASSIGN_OR_RETURN(op.payload, ReadObjectValue(payload, JsonPlace(place, "payload")));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "key", place, ReadString, &op.key));
  LINEAL_ASSIGN_OR_RETURN(op.points, ReadSelector(object, place));
  return WriteOp(std::move(op));
}

absl::StatusOr<WriteOp> ReadOverwritePayload(const JsonObject& object, const JsonPlace& place) {
  engine::OverwritePayload op;
  LINEAL_ASSIGN_OR_RETURN(JsonElement payload, Require(object, "payload", place));
  LINEAL_ASSIGN_OR_RETURN(op.payload, ReadObjectValue(payload, JsonPlace(place, "payload")));
  if (Find(object, "key")) return UnsupportedAt(JsonPlace(place, "key"), "overwriting below a key is");
  LINEAL_ASSIGN_OR_RETURN(op.points, ReadSelector(object, place));
  return WriteOp(std::move(op));
}

absl::StatusOr<WriteOp> ReadDeletePayload(const JsonObject& object, const JsonPlace& place) {
  engine::DeletePayload op;
  LINEAL_ASSIGN_OR_RETURN(JsonElement keys, Require(object, "keys", place));
  LINEAL_ASSIGN_OR_RETURN(op.keys, ReadStrings(keys, JsonPlace(place, "keys")));
  LINEAL_ASSIGN_OR_RETURN(op.points, ReadSelector(object, place));
  return WriteOp(std::move(op));
}

absl::StatusOr<WriteOp> ReadDeleteVectors(const JsonObject& object, const JsonPlace& place) {
  engine::DeleteVectors op;
  LINEAL_ASSIGN_OR_RETURN(JsonElement names, Require(object, "vector", place));
  LINEAL_ASSIGN_OR_RETURN(op.names, ReadStrings(names, JsonPlace(place, "vector")));
  if (op.names.empty()) return OutOfRangeAt(JsonPlace(place, "vector"), "must name at least one vector");
  LINEAL_ASSIGN_OR_RETURN(op.points, ReadSelector(object, place));
  return WriteOp(std::move(op));
}

size_t PointsOf(const WriteOp& op) {
  if (auto* upsert = std::get_if<engine::UpsertPoints>(&op)) return upsert->points.size();
  if (auto* update = std::get_if<engine::UpdateVectors>(&op)) return update->points.size();
  return 1;
}

}  // namespace

absl::StatusOr<WriteOp> ReadWriteOp(std::string_view name, JsonElement element, const JsonPlace& place) {
  if (name == "upsert") {
    LINEAL_ASSIGN_OR_RETURN(engine::UpsertPoints op, ReadUpsert(element, place));
    return WriteOp(std::move(op));
  }
  if (name == "update_vectors") {
    LINEAL_ASSIGN_OR_RETURN(engine::UpdateVectors op, ReadUpdateVectors(element, place));
    return WriteOp(std::move(op));
  }
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  if (name == "set_payload") return ReadSetPayload(object, place);
  if (name == "overwrite_payload") return ReadOverwritePayload(object, place);
  if (name == "delete_payload") return ReadDeletePayload(object, place);
  if (name == "delete_vectors") return ReadDeleteVectors(object, place);
  if (name == "delete") {
    LINEAL_ASSIGN_OR_RETURN(engine::PointSelector points, ReadSelector(object, place));
    return WriteOp(engine::DeletePoints{std::move(points)});
  }
  if (name == "clear_payload") {
    LINEAL_ASSIGN_OR_RETURN(engine::PointSelector points, ReadSelector(object, place));
    return WriteOp(engine::ClearPayload{std::move(points)});
  }
  return MalformedAt(place, "unknown operation");
}

absl::StatusOr<std::vector<WriteOp>> ReadOperations(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement list, Require(object, "operations", place));
  std::vector<WriteOp> ops;
  size_t points = 0;
  LINEAL_RETURN_IF_ERROR(
      ForEach(list, JsonPlace(place, "operations"), [&](JsonElement item, const JsonPlace& at) -> absl::Status {
        LINEAL_ASSIGN_OR_RETURN(JsonObject operation, ReadObject(item, at));
        if (operation.size() != 1) return MalformedAt(at, "expected one named operation");
        for (auto [name, body] : operation) {
          LINEAL_ASSIGN_OR_RETURN(WriteOp op, ReadWriteOp(name, body, JsonPlace(at, name)));
          points += PointsOf(op);
          ops.push_back(std::move(op));
        }
        return absl::OkStatus();
      }));
  if (points > engine::kBatchPointsMax) {
    return OutOfRangeAt(JsonPlace(place, "operations"),
                        StrCat("more than ", engine::kBatchPointsMax, " points in one request"));
  }
  return ops;
}

}  // namespace lineal::server
