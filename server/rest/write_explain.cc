#include "server/rest/write_explain.h"

#include <algorithm>

namespace lineal::server {
namespace {

template <class T>
void WriteOptional(JsonWriter* out, std::string_view name, const std::optional<T>& value) {
  if (value) {
    out->Field(name, *value);
  } else {
    out->NullField(name);
  }
}

void WriteSegment(JsonWriter* out, const engine::SegmentExplain& line) {
  out->BeginObject();
  out->Field("shard", line.shard);
  out->Field("segment", line.segment);
  out->Field("kind", line.kind);
  out->Field("rows", line.rows);
  out->Field("dead_rows", line.dead_rows);
  out->Field("indexed_rows", line.indexed_rows);
  out->Field("plan", line.plan);
  out->Field("reason", line.reason);
  out->Field("by_codes", line.by_codes);
  out->Field("ef_search", line.ef_search);
  WriteOptional(out, "predicted_recall", line.predicted_recall);
  out->Field("matches_min", line.matches_min);
  out->Field("matches_max", line.matches_max);
  WriteOptional(out, "matches", line.matches);
  out->Field("found", line.found);
  out->Field("hops", line.hops);
  out->Field("lists", line.lists);
  out->Field("distances_by_codes", line.distances_by_codes);
  out->Field("distances_by_rows", line.distances_by_rows);
  out->Field("rescored", line.rescored);
  out->Field("reads", line.reads);
  out->Field("bytes_read", line.bytes_read);
  out->Field("time_us", line.time_us);
  out->EndObject();
}

}  // namespace

void WriteExplain(JsonWriter* out, const engine::SearchExplain& explain) {
  out->BeginObject();
  WriteOptional(out, "recall_target", explain.recall_target);
  out->Field("time_us", explain.time_us);
  out->Key("segments");
  out->BeginArray();
  for (const engine::SegmentExplain& line : explain.segments) WriteSegment(out, line);
  out->EndArray();
  out->Key("advice");
  out->BeginArray();
  for (const std::string& line : explain.advice) out->String(line);
  out->EndArray();
  out->EndObject();
}

std::string ExplainMember(const RestCall& call) {
  const auto asked = [](const auto& explained) { return explained != nullptr; };
  if (std::none_of(call.explained.begin(), call.explained.end(), asked)) return "";
  JsonWriter out(",\"explain\":");
  if (!call.batch) {
    WriteExplain(&out, *call.explained.front());
    return out.Take();
  }
  out.BeginArray();
  for (const auto& explained : call.explained) {
    if (explained != nullptr) {
      WriteExplain(&out, *explained);
    } else {
      out.Null();
    }
  }
  out.EndArray();
  return out.Take();
}

}  // namespace lineal::server
