#include "server/rest/parse_collection.h"

#include <limits>

#include "engine/payload/path.h"
#include "server/rest/quantization.h"

namespace lineal::server {
namespace {

using engine::CollectionSchema;
using engine::FieldSchema;
using engine::HnswConfig;
using engine::OptimizerConfig;
using engine::Value;
using engine::VectorMemory;
using engine::VectorSchema;

// Top-level settings kept as they came.
constexpr std::string_view kKept[] = {
    "hnsw_config",        "optimizers_config",        "wal_config",         "quantization_config", "on_disk_payload",
    "replication_factor", "write_consistency_factor", "strict_mode_config", "sharding_method"};

absl::Status CheckRange(const JsonPlace& place, std::string_view name, uint64_t value, uint64_t low, uint64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  if (high == std::numeric_limits<uint64_t>::max()) {
    return OutOfRangeAt(JsonPlace(place, name), StrCat("value ", value, " invalid, must be ", low, " or larger"));
  }
  return OutOfRangeAt(JsonPlace(place, name), StrCat("value ", value, " invalid, must be from ", low, " to ", high));
}

absl::Status ReadU32(const JsonObject& object, std::string_view name, const JsonPlace& place, uint64_t low,
                     uint64_t high, std::optional<uint32_t>* out) {
  std::optional<uint64_t> value;
  LINEAL_RETURN_IF_ERROR(ReadMember(object, name, place, ReadUint, &value));
  if (!value) return absl::OkStatus();
  LINEAL_RETURN_IF_ERROR(CheckRange(place, name, *value, low, high));
  *out = static_cast<uint32_t>(*value);
  return absl::OkStatus();
}

// The settings that both a collection and a vector may have: which index, and two of its graphs.
absl::Status ReadGraph(const JsonObject& object, const JsonPlace& place, std::optional<engine::IndexKind>* index,
                       std::optional<uint32_t>* m, std::optional<uint32_t>* ef_construct) {
  std::optional<std::string> name;
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "index", place, ReadString, &name));
  if (name) {
    *index = engine::IndexKindFromName(*name);
    if (!*index) {
      return MalformedAt(JsonPlace(place, "index"), StrCat("unknown variant `", name->substr(0, 64),
                                                           "`, expected one of `auto`, `hnsw`, `ivf`, `flat`"));
    }
  }
  LINEAL_RETURN_IF_ERROR(ReadU32(object, "m", place, 0, 1 << 16, m));
  return ReadU32(object, "ef_construct", place, 4, 1 << 30, ef_construct);
}

absl::Status ReadHnsw(const JsonObject& object, const JsonPlace& place, HnswConfig* out) {
  auto element = Find(object, "hnsw_config");
  if (!element) return absl::OkStatus();
  const JsonPlace at(place, "hnsw_config");
  LINEAL_ASSIGN_OR_RETURN(JsonObject hnsw, ReadObject(*element, at));
  std::optional<engine::IndexKind> index;
  std::optional<uint32_t> m, ef_construct;
  LINEAL_RETURN_IF_ERROR(ReadGraph(hnsw, at, &index, &m, &ef_construct));
  out->index = index.value_or(out->index);
  out->m = m.value_or(out->m);
  out->ef_construct = ef_construct.value_or(out->ef_construct);
  return ReadMember(hnsw, "full_scan_threshold", at, ReadUint, &out->full_scan_threshold_kb);
}

// Says nothing of `bits` when it is not spoken of.
template <class Bits>
absl::Status ReadCodeBits(const JsonObject& object, const JsonPlace& place, Bits* bits) {
  return ReadMember(object, "quantization_config", place, ReadQuantization, bits);
}

// The collection's own recall target; null takes it away. `out` stays empty when it is not spoken of.
absl::Status ReadSearchSettings(const JsonObject& object, const JsonPlace& place,
                                std::optional<engine::SearchConfig>* out) {
  JsonElement element;
  if (object.at_key("recall_target").get(element)) return absl::OkStatus();
  out->emplace();
  if (element.is_null()) return absl::OkStatus();
  return ReadMember(object, "recall_target", place, ReadRecallTarget, &(*out)->recall_target);
}

absl::Status ReadOptimizer(const JsonObject& object, const JsonPlace& place, OptimizerConfig* out) {
  auto element = Find(object, "optimizers_config");
  if (!element) return absl::OkStatus();
  const JsonPlace at(place, "optimizers_config");
  LINEAL_ASSIGN_OR_RETURN(JsonObject optimizer, ReadObject(*element, at));
  LINEAL_RETURN_IF_ERROR(ReadMember(optimizer, "deleted_threshold", at, ReadDouble, &out->deleted_threshold));
  if (!(out->deleted_threshold >= 0 && out->deleted_threshold <= 1)) {
    return OutOfRangeAt(
        at, StrCat("deleted_threshold: value ", out->deleted_threshold, " invalid, must be from 0.0 to 1.0"));
  }
  std::optional<uint64_t> threshold;
  LINEAL_RETURN_IF_ERROR(ReadMember(optimizer, "indexing_threshold", at, ReadUint, &threshold));
  // In the dialect zero means that nothing is ever indexed.
  if (threshold) out->indexing_threshold_kb = *threshold == 0 ? std::numeric_limits<uint64_t>::max() : *threshold;
  return absl::OkStatus();
}

absl::Status ReadDatatype(const JsonObject& object, const JsonPlace& place, engine::ElementType* out) {
  auto element = Find(object, "datatype");
  if (!element) return absl::OkStatus();
  const JsonPlace at(place, "datatype");
  LINEAL_ASSIGN_OR_RETURN(std::string name, ReadString(*element, at));
  if (name == "float32") {
    *out = engine::ElementType::kF32;
  } else if (name == "float16") {
    *out = engine::ElementType::kF16;
  } else if (name == "bfloat16") {
    *out = engine::ElementType::kBF16;
  } else if (name == "uint8") {
    *out = engine::ElementType::kU8;
  } else if (name == "turbo4") {
    return UnsupportedAt(at, "datatype turbo4 is");
  } else {
    return MalformedAt(at, "unknown variant, expected one of `float32`, `uint8`, `float16`, `bfloat16`");
  }
  return absl::OkStatus();
}

// `memory`, or `on_disk` as the dialect has it. `out` stays as it is when neither is spoken of.
absl::Status ReadMemory(const JsonObject& object, const JsonPlace& place, VectorMemory* out) {
  std::optional<std::string> name;
  std::optional<bool> on_disk;
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "memory", place, ReadString, &name));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "on_disk", place, ReadBool, &on_disk));
  if (name) {
    const auto memory = engine::VectorMemoryFromName(*name);
    const JsonPlace at(place, "memory");
    if (!memory) {
      return MalformedAt(at,
                         StrCat("unknown variant `", name->substr(0, 64), "`, expected one of `hot`, `warm`, `cold`"));
    }
    if (on_disk && *on_disk != (*memory == VectorMemory::kCold)) {
      return OutOfRangeAt(at, StrCat("`", *name, "` contradicts on_disk: ", *on_disk ? "true" : "false"));
    }
    *out = *memory;
  } else if (on_disk && *on_disk) {
    *out = VectorMemory::kCold;
  } else if (on_disk && *out == VectorMemory::kCold) {
    *out = VectorMemory::kWarm;
  }
  return absl::OkStatus();
}

absl::StatusOr<VectorSchema> ReadVectorParams(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement size, Require(object, "size", place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement distance, Require(object, "distance", place));
  VectorSchema vector;
  LINEAL_ASSIGN_OR_RETURN(uint64_t dim, ReadUint(size, JsonPlace(place, "size")));
  LINEAL_RETURN_IF_ERROR(CheckRange(place, "size", dim, 1, engine::kDimMax));
  vector.dim = static_cast<uint32_t>(dim);
  LINEAL_ASSIGN_OR_RETURN(std::string metric_name, ReadString(distance, JsonPlace(place, "distance")));
  auto metric = engine::MetricFromName(metric_name);
  if (!metric) {
    return MalformedAt(JsonPlace(place, "distance"),
                       StrCat("unknown variant `", metric_name.substr(0, 64),
                              "`, expected one of `Cosine`, `Euclid`, `Dot`, `Manhattan`"));
  }
  vector.metric = *metric;
  LINEAL_RETURN_IF_ERROR(ReadDatatype(object, place, &vector.type));
  if (Find(object, "multivector_config")) {
    return UnsupportedAt(JsonPlace(place, "multivector_config"), "multi-vectors are");
  }
  LINEAL_RETURN_IF_ERROR(ReadMemory(object, place, &vector.memory));
  if (auto hnsw = Find(object, "hnsw_config")) {
    const JsonPlace at(place, "hnsw_config");
    LINEAL_ASSIGN_OR_RETURN(JsonObject graph, ReadObject(*hnsw, at));
    LINEAL_RETURN_IF_ERROR(ReadGraph(graph, at, &vector.index, &vector.m, &vector.ef_construct));
  }
  LINEAL_RETURN_IF_ERROR(ReadCodeBits(object, place, &vector.code_bits));
  return vector;
}

// One vector's settings that are not of VectorSchema, for the info.
absl::StatusOr<Value> KeptOfVector(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(Value kept, ReadObjectValue(element, place));
  for (std::string_view name : {"size", "distance", "datatype", "memory"}) kept.Erase(name);
  return kept;
}

absl::Status ReadVectorMap(JsonElement element, const JsonPlace& place, CollectionSchema* schema, Value* kept) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  auto add = [&](const std::string& name, JsonElement params, const JsonPlace& at) -> absl::Status {
    LINEAL_ASSIGN_OR_RETURN(VectorSchema vector, ReadVectorParams(params, at));
    LINEAL_ASSIGN_OR_RETURN(Value rest, KeptOfVector(params, at));
    schema->vectors[name] = vector;
    if (!rest.object().empty()) kept->Set(name, std::move(rest));
    return absl::OkStatus();
  };
  auto size = Find(object, "size");
  if (Find(object, "distance") || (size && !size->is_object())) return add("", element, place);
  for (auto [name, params] : object) LINEAL_RETURN_IF_ERROR(add(std::string(name), params, JsonPlace(place, name)));
  return absl::OkStatus();
}

absl::Status RefuseSparse(const JsonObject& object, const JsonPlace& place) {
  auto sparse = Find(object, "sparse_vectors");
  if (!sparse) return absl::OkStatus();
  const JsonPlace at(place, "sparse_vectors");
  LINEAL_ASSIGN_OR_RETURN(JsonObject map, ReadObject(*sparse, at));
  return map.size() == 0 ? absl::OkStatus() : UnsupportedAt(at, "sparse vectors are");
}

absl::Status CheckCopies(const JsonObject& object, const JsonPlace& place) {
  std::optional<uint32_t> ignored;
  constexpr uint64_t kMax = std::numeric_limits<uint32_t>::max();
  LINEAL_RETURN_IF_ERROR(ReadU32(object, "replication_factor", place, 1, kMax, &ignored));
  LINEAL_RETURN_IF_ERROR(ReadU32(object, "write_consistency_factor", place, 1, kMax, &ignored));
  std::optional<bool> on_disk;
  return ReadMember(object, "on_disk_payload", place, ReadBool, &on_disk);
}

absl::Status KeepSettings(const JsonObject& object, const JsonPlace& place, Value* raw) {
  for (std::string_view name : kKept) {
    auto element = Find(object, name);
    if (!element) continue;
    LINEAL_ASSIGN_OR_RETURN(Value value, ReadValue(*element, JsonPlace(place, name)));
    const Value* before = raw->Find(name);
    // One kind of quantization takes the place of another.
    if (before && before->is_object() && value.is_object() && name != "quantization_config") {
      Value merged = *before;
      for (auto& [key, member] : value.object()) merged.Set(key, std::move(member));
      value = std::move(merged);
    }
    raw->Set(name, std::move(value));
  }
  return absl::OkStatus();
}

absl::Status RefuseCustomSharding(const JsonObject& object, const JsonPlace& place) {
  std::string method = "auto";
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "sharding_method", place, ReadString, &method));
  if (method == "auto") return absl::OkStatus();
  const JsonPlace at(place, "sharding_method");
  if (method == "custom") return UnsupportedAt(at, "custom sharding is");
  return MalformedAt(at, "unknown variant, expected `auto` or `custom`");
}

// Changes to vectors that exist: where they are kept and their codes; graph settings are the collection's, the rest is
// kept for the info.
absl::Status ReadVectorChanges(const JsonObject& object, const JsonPlace& place, const CollectionSchema& current,
                               engine::SchemaChange* out, Value* raw) {
  auto element = Find(object, "vectors");
  if (!element) return absl::OkStatus();
  const JsonPlace at(place, "vectors");
  LINEAL_ASSIGN_OR_RETURN(JsonObject changes, ReadObject(*element, at));
  Value kept = raw->Find("vectors") ? *raw->Find("vectors") : Value::EmptyObject();
  for (auto [name, change] : changes) {
    const auto vector = current.vectors.find(std::string(name));
    if (vector == current.vectors.end()) return InvalidArgument("Not existing vector name error: ", name);
    const JsonPlace of(at, name);
    LINEAL_ASSIGN_OR_RETURN(JsonObject members, ReadObject(change, of));
    VectorMemory memory = vector->second.memory;
    LINEAL_RETURN_IF_ERROR(ReadMemory(members, of, &memory));
    if (memory != vector->second.memory) out->vector_memory[vector->first] = memory;
    std::optional<uint32_t> bits;
    LINEAL_RETURN_IF_ERROR(ReadCodeBits(members, of, &bits));
    if (bits) out->code_bits[vector->first] = bits;
    LINEAL_ASSIGN_OR_RETURN(Value settings, ReadObjectValue(change, of));
    settings.Erase("memory");
    Value merged = kept.Find(name) ? *kept.Find(name) : Value::EmptyObject();
    for (auto& [key, member] : settings.object()) merged.Set(key, std::move(member));
    kept.Set(name, std::move(merged));
  }
  raw->Set("vectors", std::move(kept));
  return absl::OkStatus();
}

absl::StatusOr<engine::AliasChange> ReadAliasChange(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject action, ReadObject(element, place));
  auto read = [&](std::string_view of, std::string_view name) -> absl::StatusOr<std::string> {
    const JsonPlace at(place, of);
    LINEAL_ASSIGN_OR_RETURN(JsonObject body, ReadObject(*Find(action, of), at));
    LINEAL_ASSIGN_OR_RETURN(JsonElement text, Require(body, name, at));
    return ReadString(text, JsonPlace(at, name));
  };
  if (Find(action, "create_alias")) {
    engine::CreateAlias change;
    LINEAL_ASSIGN_OR_RETURN(change.alias, read("create_alias", "alias_name"));
    LINEAL_ASSIGN_OR_RETURN(change.target.collection, read("create_alias", "collection_name"));
    return engine::AliasChange(std::move(change));
  }
  if (Find(action, "delete_alias")) {
    engine::DeleteAlias change;
    LINEAL_ASSIGN_OR_RETURN(change.alias, read("delete_alias", "alias_name"));
    return engine::AliasChange(std::move(change));
  }
  if (Find(action, "rename_alias")) {
    engine::RenameAlias change;
    LINEAL_ASSIGN_OR_RETURN(change.from, read("rename_alias", "old_alias_name"));
    LINEAL_ASSIGN_OR_RETURN(change.to, read("rename_alias", "new_alias_name"));
    return engine::AliasChange(std::move(change));
  }
  return MalformedAt(place, "expected one of `create_alias`, `delete_alias`, `rename_alias`");
}

}  // namespace

absl::StatusOr<CollectionSchema> ReadCreateCollection(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  CollectionSchema schema;
  Value raw = Value::EmptyObject();
  Value kept_vectors = Value::EmptyObject();
  if (auto vectors = Find(object, "vectors")) {
    LINEAL_RETURN_IF_ERROR(ReadVectorMap(*vectors, JsonPlace(place, "vectors"), &schema, &kept_vectors));
  }
  LINEAL_RETURN_IF_ERROR(RefuseSparse(object, place));
  LINEAL_RETURN_IF_ERROR(RefuseCustomSharding(object, place));
  LINEAL_RETURN_IF_ERROR(CheckCopies(object, place));
  std::optional<uint32_t> shards;
  LINEAL_RETURN_IF_ERROR(ReadU32(object, "shard_number", place, 1, engine::kShardsMax, &shards));
  schema.shard_count = shards.value_or(1);
  LINEAL_RETURN_IF_ERROR(ReadHnsw(object, place, &schema.hnsw));
  LINEAL_RETURN_IF_ERROR(ReadCodeBits(object, place, &schema.hnsw.code_bits));
  LINEAL_RETURN_IF_ERROR(ReadOptimizer(object, place, &schema.optimizer));
  std::optional<engine::SearchConfig> search;
  LINEAL_RETURN_IF_ERROR(ReadSearchSettings(object, place, &search));
  schema.search = search.value_or(engine::SearchConfig());
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "metadata", place, ReadObjectValue, &schema.metadata));
  LINEAL_RETURN_IF_ERROR(KeepSettings(object, place, &raw));
  if (!kept_vectors.object().empty()) raw.Set("vectors", std::move(kept_vectors));
  if (!raw.object().empty()) schema.raw_config = std::move(raw);
  return schema;
}

absl::StatusOr<engine::SchemaChange> ReadUpdateCollection(JsonElement element, const JsonPlace& place,
                                                          const CollectionSchema& current) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(RefuseSparse(object, place));
  engine::SchemaChange change;
  Value raw = current.raw_config.is_object() ? current.raw_config : Value::EmptyObject();
  if (Find(object, "hnsw_config") || Find(object, "quantization_config")) {
    change.hnsw = current.hnsw;
    LINEAL_RETURN_IF_ERROR(ReadHnsw(object, place, &*change.hnsw));
    LINEAL_RETURN_IF_ERROR(ReadCodeBits(object, place, &change.hnsw->code_bits));
  }
  if (Find(object, "optimizers_config")) {
    change.optimizer = current.optimizer;
    LINEAL_RETURN_IF_ERROR(ReadOptimizer(object, place, &*change.optimizer));
  }
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "metadata", place, ReadObjectValue, &change.metadata));
  LINEAL_RETURN_IF_ERROR(ReadVectorChanges(object, place, current, &change, &raw));
  LINEAL_RETURN_IF_ERROR(KeepSettings(object, place, &raw));
  if (auto params = Find(object, "params")) {
    const JsonPlace at(place, "params");
    LINEAL_ASSIGN_OR_RETURN(JsonObject settings, ReadObject(*params, at));
    LINEAL_RETURN_IF_ERROR(CheckCopies(settings, at));
    LINEAL_RETURN_IF_ERROR(ReadSearchSettings(settings, at, &change.search));
    LINEAL_RETURN_IF_ERROR(KeepSettings(settings, at, &raw));
  }
  change.raw_config = std::move(raw);
  return change;
}

absl::StatusOr<VectorSchema> ReadVectorConfig(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  if (Find(object, "sparse")) return UnsupportedAt(JsonPlace(place, "sparse"), "sparse vectors are");
  LINEAL_ASSIGN_OR_RETURN(JsonElement dense, Require(object, "dense", place));
  return ReadVectorParams(dense, JsonPlace(place, "dense"));
}

absl::StatusOr<std::pair<std::string, FieldSchema>> ReadFieldIndex(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement name_element, Require(object, "field_name", place));
  LINEAL_ASSIGN_OR_RETURN(std::string name, ReadString(name_element, JsonPlace(place, "field_name")));
  LINEAL_RETURN_IF_ERROR(engine::PayloadPath::Parse(name).status());
  auto schema_element = Find(object, "field_schema");
  if (!schema_element) schema_element = Find(object, "field_type");
  if (!schema_element) return MalformedAt(place, "missing field `field_schema`");
  const JsonPlace at(place, "field_schema");
  FieldSchema field;
  JsonElement type_element = *schema_element;
  JsonObject params;
  if (!schema_element->get(params)) {
    LINEAL_ASSIGN_OR_RETURN(type_element, Require(params, "type", at));
    LINEAL_RETURN_IF_ERROR(ReadMember(params, "is_tenant", at, ReadBool, &field.is_tenant));
    LINEAL_ASSIGN_OR_RETURN(field.params, ReadObjectValue(*schema_element, at));
  }
  LINEAL_ASSIGN_OR_RETURN(std::string type_name, ReadString(type_element, at));
  if (type_name == "geo") return UnsupportedAt(at, "geo indexes are");
  auto type = engine::FieldTypeFromName(type_name);
  if (!type) {
    return MalformedAt(at, StrCat("unknown variant `", type_name.substr(0, 64),
                                  "`, expected one of `keyword`, `integer`, `float`, `geo`, `text`, `bool`, "
                                  "`datetime`, `uuid`"));
  }
  field.type = *type;
  return std::make_pair(std::move(name), std::move(field));
}

absl::StatusOr<std::vector<engine::AliasChange>> ReadAliasChanges(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement actions, Require(object, "actions", place));
  std::vector<engine::AliasChange> out;
  LINEAL_RETURN_IF_ERROR(
      ForEach(actions, JsonPlace(place, "actions"), [&](JsonElement item, const JsonPlace& at) -> absl::Status {
        LINEAL_ASSIGN_OR_RETURN(engine::AliasChange change, ReadAliasChange(item, at));
        out.push_back(std::move(change));
        return absl::OkStatus();
      }));
  return out;
}

}  // namespace lineal::server
