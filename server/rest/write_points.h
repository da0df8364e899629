// Points and the outcomes of writes as JSON.
#pragma once

#include "engine/api/read.h"
#include "server/rest/json_writer.h"

namespace lineal::server {

// Which members a record shows: what was asked for is there even when the point has none of it.
struct RecordShape {
  bool payload = false;
  bool vector = false;
};
RecordShape ShapeOf(const engine::PayloadSelector& payload, const engine::VectorSelector& vector);

void WritePointId(JsonWriter* out, const PointId& id);
void WriteRecord(JsonWriter* out, const engine::PointRecord& point, RecordShape shape);
void WriteScoredPoint(JsonWriter* out, const engine::ScoredPoint& point, RecordShape shape);
// {"operation_id", "status"}: "completed" when the client waited; the write is as durable and visible either way.
void WriteUpdateResult(JsonWriter* out, uint64_t operation_id, bool waited);

}  // namespace lineal::server
