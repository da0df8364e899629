#include "server/rest/write_collection.h"

#include <algorithm>
#include <limits>

#include "server/rest/quantization.h"

namespace lineal::server {
namespace {

using engine::Value;

std::string_view NameOf(engine::CollectionHealth health) {
  switch (health) {
    case engine::CollectionHealth::kGreen:
      return "green";
    case engine::CollectionHealth::kYellow:
      return "yellow";
    case engine::CollectionHealth::kGrey:
      return "grey";
    case engine::CollectionHealth::kRed:
      return "red";
  }
  return "red";
}

std::string_view NameOf(engine::ElementType type) {
  switch (type) {
    case engine::ElementType::kF32:
      return "float32";
    case engine::ElementType::kF16:
      return "float16";
    case engine::ElementType::kU8:
      return "uint8";
    case engine::ElementType::kBF16:
      return "bfloat16";
  }
  return "float32";
}

const Value* Kept(const engine::CollectionSchema& schema, std::string_view name) {
  return schema.raw_config.is_object() ? schema.raw_config.Find(name) : nullptr;
}

Value KeptOr(const engine::CollectionSchema& schema, std::string_view name, Value fallback) {
  const Value* kept = Kept(schema, name);
  return kept ? *kept : std::move(fallback);
}

// `base` with the members that the client had set laid over it.
Value Overlay(Value base, const Value* kept) {
  if (!kept || !kept->is_object()) return base;
  for (const auto& [key, value] : kept->object()) {
    if (!value.is_null()) base.Set(key, value);
  }
  return base;
}

Value Number(uint64_t value) { return Value::Unsigned(value); }

Value HnswOf(const engine::CollectionSchema& schema) {
  Value out = Value::EmptyObject();
  out.Set("index", Value(std::string(NameOf(schema.hnsw.index))));
  out.Set("m", Number(schema.hnsw.m));
  out.Set("ef_construct", Number(schema.hnsw.ef_construct));
  out.Set("full_scan_threshold", Number(schema.hnsw.full_scan_threshold_kb));
  out.Set("max_indexing_threads", Number(0));
  out.Set("on_disk", Value(false));
  return Overlay(std::move(out), Kept(schema, "hnsw_config"));
}

Value OptimizerOf(const engine::CollectionSchema& schema) {
  const uint64_t threshold = schema.optimizer.indexing_threshold_kb;
  Value out = Value::EmptyObject();
  out.Set("deleted_threshold", Value(schema.optimizer.deleted_threshold));
  out.Set("vacuum_min_vector_number", Number(1000));
  out.Set("default_segment_number", Number(0));
  out.Set("max_segment_size", Value());
  out.Set("memmap_threshold", Value());
  out.Set("indexing_threshold", Number(threshold == std::numeric_limits<uint64_t>::max() ? 0 : threshold));
  out.Set("flush_interval_sec", Number(5));
  out.Set("max_optimization_threads", Value());
  return Overlay(std::move(out), Kept(schema, "optimizers_config"));
}

Value WalOf(const engine::CollectionSchema& schema) {
  Value out = Value::EmptyObject();
  out.Set("wal_capacity_mb", Number(32));
  out.Set("wal_segments_ahead", Number(0));
  out.Set("wal_retain_closed", Number(1));
  return Overlay(std::move(out), Kept(schema, "wal_config"));
}

Value VectorOf(const engine::VectorSchema& vector, const Value* kept) {
  Value out = Value::EmptyObject();
  out.Set("size", Number(vector.dim));
  out.Set("distance", Value(std::string(engine::NameOf(vector.metric))));
  if (vector.type != engine::ElementType::kF32) out.Set("datatype", Value(std::string(NameOf(vector.type))));
  if (vector.index || vector.m || vector.ef_construct) {
    Value hnsw = Value::EmptyObject();
    if (vector.index) hnsw.Set("index", Value(std::string(NameOf(*vector.index))));
    if (vector.m) hnsw.Set("m", Number(*vector.m));
    if (vector.ef_construct) hnsw.Set("ef_construct", Number(*vector.ef_construct));
    out.Set("hnsw_config", std::move(hnsw));
  }
  out = Overlay(std::move(out), kept);
  const bool cold = vector.memory == engine::VectorMemory::kCold;
  if (vector.memory != engine::VectorMemory::kWarm) out.Set("memory", Value(std::string(NameOf(vector.memory))));
  if (cold || out.Find("on_disk") != nullptr) out.Set("on_disk", Value(cold));
  if (!vector.code_bits) return out;
  Value quantization = QuantizationOf(*vector.code_bits, kept == nullptr ? nullptr : kept->Find("quantization_config"));
  out.Erase("quantization_config");
  if (!quantization.is_null()) out.Set("quantization_config", std::move(quantization));
  return out;
}

Value VectorsOf(const engine::CollectionSchema& schema) {
  const Value* kept = Kept(schema, "vectors");
  auto one = [&](const std::string& name, const engine::VectorSchema& vector) {
    return VectorOf(vector, kept && kept->is_object() ? kept->Find(name) : nullptr);
  };
  if (schema.vectors.size() == 1 && schema.vectors.begin()->first.empty()) {
    return one("", schema.vectors.begin()->second);
  }
  Value out = Value::EmptyObject();
  for (const auto& [name, vector] : schema.vectors) out.Set(name, one(name, vector));
  return out;
}

Value ParamsOf(const engine::CollectionSchema& schema) {
  Value out = Value::EmptyObject();
  out.Set("vectors", VectorsOf(schema));
  out.Set("shard_number", Number(schema.shard_count));
  out.Set("replication_factor", KeptOr(schema, "replication_factor", Number(1)));
  out.Set("write_consistency_factor", KeptOr(schema, "write_consistency_factor", Number(1)));
  out.Set("on_disk_payload", KeptOr(schema, "on_disk_payload", Value(true)));
  if (schema.search.recall_target) out.Set("recall_target", Value(*schema.search.recall_target));
  if (const Value* method = Kept(schema, "sharding_method")) out.Set("sharding_method", *method);
  return out;
}

void WriteConfig(JsonWriter* out, const engine::CollectionSchema& schema) {
  out->BeginObject();
  out->Field("params", ParamsOf(schema));
  out->Field("hnsw_config", HnswOf(schema));
  out->Field("optimizer_config", OptimizerOf(schema));
  out->Field("wal_config", WalOf(schema));
  out->Field("quantization_config", QuantizationOf(schema.hnsw.code_bits, Kept(schema, "quantization_config")));
  if (const Value* strict = Kept(schema, "strict_mode_config")) out->Field("strict_mode_config", *strict);
  if (!schema.metadata.is_null()) out->Field("metadata", schema.metadata);
  out->EndObject();
}

void WritePayloadSchema(JsonWriter* out, const engine::CollectionInfo& info) {
  out->BeginObject();
  for (const auto& [key, field] : info.schema.fields) {
    auto points = info.field_points.find(key);
    out->Key(key);
    out->BeginObject();
    out->Field("data_type", engine::NameOf(field.type));
    if (!field.params.is_null()) out->Field("params", field.params);
    out->Field("points", points == info.field_points.end() ? uint64_t{0} : points->second);
    out->EndObject();
  }
  out->EndObject();
}

void WriteOptimizerStatus(JsonWriter* out, const engine::CollectionInfo& info) {
  if (info.problem.empty()) return out->String("ok");
  out->BeginObject();
  out->Field("error", info.problem);
  out->EndObject();
}

void WriteTask(JsonWriter* out, const engine::OptimizerTask& task, size_t number) {
  out->BeginObject();
  out->Field("uuid", PointId::Uuid(task.shard, number).ToString());
  out->Field("optimizer", task.kind);
  out->Field("status", "optimizing");
  out->Key("segments");
  out->BeginArray();
  out->EndArray();
  out->Key("progress");
  out->BeginObject();
  out->Field("name", task.kind);
  out->Field("done", task.done_rows);
  out->Field("total", task.total_rows);
  if (task.eta_s > 0) out->Field("eta_sec", task.eta_s);
  out->EndObject();
  out->EndObject();
}

void WritePending(JsonWriter* out, const engine::OptimizerTask& task) {
  out->BeginObject();
  out->Field("optimizer", task.kind);
  out->Key("segments");
  out->BeginArray();
  out->EndArray();
  out->EndObject();
}

void WriteIdleSegments(JsonWriter* out, const engine::CollectionInfo& info) {
  size_t number = 0;
  out->BeginArray();
  for (const auto& segment : info.segments) {
    out->BeginObject();
    out->Field("uuid", PointId::Uuid(0, ++number).ToString());
    out->Field("points_count", segment.rows - std::min(segment.rows, segment.dead_rows));
    out->EndObject();
  }
  out->EndArray();
}

}  // namespace

void WriteCollectionInfo(JsonWriter* out, const engine::CollectionInfo& info) {
  out->BeginObject();
  out->Field("status", NameOf(info.health));
  out->Key("optimizer_status");
  WriteOptimizerStatus(out, info);
  out->Field("indexed_vectors_count", info.indexed_vectors);
  out->Field("points_count", info.points);
  out->Field("segments_count", static_cast<uint64_t>(info.segments.size()));
  out->Key("config");
  WriteConfig(out, info.schema);
  out->Key("payload_schema");
  WritePayloadSchema(out, info);
  out->EndObject();
}

void WriteCollectionCluster(JsonWriter* out, const engine::CollectionInfo& info) {
  out->BeginObject();
  out->Field("peer_id", uint64_t{0});
  out->Field("shard_count", info.schema.shard_count);
  out->Key("local_shards");
  out->BeginArray();
  // The engine counts points by collection; shares of it stand for the shards.
  const uint64_t shards = std::max<uint64_t>(info.schema.shard_count, 1);
  for (uint64_t shard = 0; shard < shards; ++shard) {
    out->BeginObject();
    out->Field("shard_id", shard);
    out->Field("points_count", info.points / shards + (shard < info.points % shards ? 1 : 0));
    out->Field("state", "Active");
    out->EndObject();
  }
  out->EndArray();
  for (std::string_view name : {"remote_shards", "shard_transfers"}) {
    out->Key(name);
    out->BeginArray();
    out->EndArray();
  }
  out->EndObject();
}

void WriteOptimizations(JsonWriter* out, const engine::CollectionInfo& info,
                        const std::vector<engine::OptimizerTask>& tasks, const std::vector<std::string>& with) {
  const auto wants = [&](std::string_view name) { return std::find(with.begin(), with.end(), name) != with.end(); };
  uint64_t queued = 0, queued_rows = 0, running = 0;
  for (const auto& task : tasks) {
    (task.state == "running" ? running : queued) += 1;
    if (task.state != "running") queued_rows += task.total_rows;
  }
  out->BeginObject();
  out->Key("summary");
  out->BeginObject();
  out->Field("queued_optimizations", queued);
  out->Field("queued_segments", queued);
  out->Field("queued_points", queued_rows);
  out->Field("idle_segments", info.segments.size() - std::min<uint64_t>(info.segments.size(), running + queued));
  out->EndObject();
  out->Key("running");
  out->BeginArray();
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].state == "running") WriteTask(out, tasks[i], i);
  }
  out->EndArray();
  if (wants("queued")) {
    out->Key("queued");
    out->BeginArray();
    for (const auto& task : tasks) {
      if (task.state != "running") WritePending(out, task);
    }
    out->EndArray();
  }
  if (wants("completed")) {
    out->Key("completed");
    out->BeginArray();
    out->EndArray();
  }
  if (wants("idle_segments")) {
    out->Key("idle_segments");
    WriteIdleSegments(out, info);
  }
  out->EndObject();
}

}  // namespace lineal::server
