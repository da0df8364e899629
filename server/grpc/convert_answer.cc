#include "server/grpc/convert_answer.h"

#include <string>
#include <utility>

#include "base/status.h"
#include "engine/payload/json.h"
#include "server/grpc/convert_value.h"
#include "server/grpc/convert_vector.h"

namespace lineal::server {
namespace {

// Id, version, score and tags of a record, roughly.
constexpr size_t kRecordBytes = 48;

}  // namespace

absl::Status AnswerBudget::Take(size_t bytes) {
  taken_ += bytes;
  if (taken_ <= bytes_max_) return absl::OkStatus();
  return OutOfRange("answer is larger than ", bytes_max_, " bytes; ask for fewer points or select less of them");
}

absl::Status RecordToWire(const engine::PointRecord& record, bool payload_as_json, AnswerBudget* budget,
                          v1::PointRecord* out) {
  size_t bytes = kRecordBytes;
  for (const engine::NamedVector& vector : record.vectors) {
    bytes += vector.name.size() + vector.values.size() * sizeof(float);
  }
  LINEAL_RETURN_IF_ERROR(budget->Take(bytes));
  IdToWire(record.id, out->mutable_id());
  out->set_version(record.version);
  for (const engine::NamedVector& vector : record.vectors) {
    v1::NamedVector* wire = out->add_vectors();
    wire->set_name(vector.name);
    wire->set_data(PackFloats(vector.values));
  }
  if (record.order_value) ValueToWire(*record.order_value, out->mutable_order_value());
  if (!record.payload || record.payload->is_null()) return absl::OkStatus();
  if (payload_as_json) {
    engine::AppendJson(out->mutable_payload_json(), *record.payload);
    return budget->Take(out->payload_json().size());
  }
  ObjectToWire(*record.payload, out->mutable_payload());
  return budget->Take(out->payload().ByteSizeLong());
}

absl::Status HitsToWire(const std::vector<engine::ScoredPoint>& hits, bool payload_as_json, AnswerBudget* budget,
                        v1::SearchResponse* out) {
  out->mutable_points()->Reserve(static_cast<int>(hits.size()));
  for (const engine::ScoredPoint& hit : hits) {
    v1::ScoredPoint* wire = out->add_points();
    wire->set_score(hit.score);
    LINEAL_RETURN_IF_ERROR(RecordToWire(hit.point, payload_as_json, budget, wire->mutable_point()));
  }
  return absl::OkStatus();
}

void ExplainToWire(const engine::SearchExplain& explain, v1::SearchExplain* out) {
  if (explain.recall_target) out->set_recall_target(*explain.recall_target);
  out->set_time_us(explain.time_us);
  for (const engine::SegmentExplain& line : explain.segments) {
    v1::SegmentExplain* wire = out->add_segments();
    wire->set_shard(line.shard);
    wire->set_segment(line.segment);
    wire->set_kind(line.kind);
    wire->set_rows(line.rows);
    wire->set_dead_rows(line.dead_rows);
    wire->set_indexed_rows(line.indexed_rows);
    wire->set_plan(line.plan);
    wire->set_reason(line.reason);
    wire->set_by_codes(line.by_codes);
    wire->set_ef_search(line.ef_search);
    if (line.predicted_recall) wire->set_predicted_recall(*line.predicted_recall);
    wire->set_matches_min(line.matches_min);
    wire->set_matches_max(line.matches_max);
    if (line.matches) wire->set_matches(*line.matches);
    wire->set_found(line.found);
    wire->set_hops(line.hops);
    wire->set_lists(line.lists);
    wire->set_distances_by_codes(line.distances_by_codes);
    wire->set_distances_by_rows(line.distances_by_rows);
    wire->set_rescored(line.rescored);
    wire->set_reads(line.reads);
    wire->set_bytes_read(line.bytes_read);
    wire->set_time_us(line.time_us);
  }
  for (const std::string& line : explain.advice) out->add_advice(line);
}

}  // namespace lineal::server
