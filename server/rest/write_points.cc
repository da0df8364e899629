#include "server/rest/write_points.h"

namespace lineal::server {
namespace {

void WriteFloats(JsonWriter* out, const std::vector<float>& values) {
  out->BeginArray();
  for (float value : values) out->Float(value);
  out->EndArray();
}

// The unnamed vector alone as an array, else an object by name.
void WriteVectors(JsonWriter* out, const std::vector<engine::NamedVector>& vectors) {
  if (vectors.size() == 1 && vectors[0].name.empty()) return WriteFloats(out, vectors[0].values);
  out->BeginObject();
  for (const auto& vector : vectors) {
    out->Key(vector.name);
    WriteFloats(out, vector.values);
  }
  out->EndObject();
}

void WriteContents(JsonWriter* out, const engine::PointRecord& point, RecordShape shape) {
  if (shape.payload) {
    const bool has = point.payload && point.payload->is_object();
    out->Field("payload", has ? *point.payload : engine::Value::EmptyObject());
  }
  if (shape.vector) {
    out->Key("vector");
    WriteVectors(out, point.vectors);
  }
  if (point.order_value) out->Field("order_value", *point.order_value);
}

}  // namespace

RecordShape ShapeOf(const engine::PayloadSelector& payload, const engine::VectorSelector& vector) {
  return {payload.mode != engine::PayloadSelector::Mode::kNone, vector.mode != engine::VectorSelector::Mode::kNone};
}

void WritePointId(JsonWriter* out, const PointId& id) {
  if (id.is_uuid()) {
    out->String(id.ToString());
  } else {
    out->Uint(id.number());
  }
}

void WriteRecord(JsonWriter* out, const engine::PointRecord& point, RecordShape shape) {
  out->BeginObject();
  out->Key("id");
  WritePointId(out, point.id);
  WriteContents(out, point, shape);
  out->EndObject();
}

void WriteScoredPoint(JsonWriter* out, const engine::ScoredPoint& point, RecordShape shape) {
  out->BeginObject();
  out->Key("id");
  WritePointId(out, point.point.id);
  out->Field("version", point.point.version);
  out->Key("score");
  out->Float(point.score);
  WriteContents(out, point.point, shape);
  out->EndObject();
}

void WriteUpdateResult(JsonWriter* out, uint64_t operation_id, bool waited) {
  out->BeginObject();
  out->Field("operation_id", operation_id);
  out->Field("status", waited ? "completed" : "acknowledged");
  out->EndObject();
}

}  // namespace lineal::server
