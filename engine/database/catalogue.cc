#include "engine/database/catalogue.h"

#include "base/status.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

uint64_t NumberOf(const Value* value, uint64_t otherwise) {
  if (value == nullptr) return otherwise;
  if (const auto* number = value->get_if<int64_t>()) return static_cast<uint64_t>(*number);
  if (const auto* number = value->get_if<uint64_t>()) return *number;
  return otherwise;
}
double RealOf(const Value* value, double otherwise) {
  const double* number = value == nullptr ? nullptr : value->get_if<double>();
  return number == nullptr ? otherwise : *number;
}
bool FlagOf(const Value* value) {
  const bool* flag = value == nullptr ? nullptr : value->get_if<bool>();
  return flag != nullptr && *flag;
}
std::string TextOf(const Value* value) {
  return value != nullptr && value->is_string() ? value->string() : std::string();
}
Value U(uint64_t number) { return Value::Unsigned(number); }

Value VectorValue(const VectorSchema& schema, uint32_t number) {
  Value out = Value::EmptyObject();
  out.Set("number", U(number));
  out.Set("dim", U(schema.dim));
  out.Set("metric", Value(std::string(NameOf(schema.metric))));
  out.Set("type", U(static_cast<uint64_t>(schema.type)));
  if (schema.index) out.Set("index", Value(std::string(NameOf(*schema.index))));
  if (schema.m) out.Set("m", U(*schema.m));
  if (schema.ef_construct) out.Set("ef_construct", U(*schema.ef_construct));
  if (schema.code_bits) out.Set("code_bits", U(*schema.code_bits));
  out.Set("memory", Value(std::string(NameOf(schema.memory))));
  if (!schema.space.empty()) out.Set("space", Value(schema.space));
  return out;
}

absl::StatusOr<VectorSchema> VectorFrom(const Value& value) {
  VectorSchema schema;
  schema.dim = static_cast<uint32_t>(NumberOf(value.Find("dim"), 0));
  auto metric = MetricFromName(TextOf(value.Find("metric")));
  if (!metric) return DataLoss("catalogue names an unknown metric");
  schema.metric = *metric;
  schema.type = static_cast<ElementType>(NumberOf(value.Find("type"), 0));
  if (const Value* index = value.Find("index")) schema.index = IndexKindFromName(TextOf(index));
  if (const Value* m = value.Find("m")) schema.m = static_cast<uint32_t>(NumberOf(m, 0));
  if (const Value* ef = value.Find("ef_construct")) schema.ef_construct = static_cast<uint32_t>(NumberOf(ef, 0));
  if (const Value* bits = value.Find("code_bits")) schema.code_bits = static_cast<uint32_t>(NumberOf(bits, 8));
  if (const Value* memory = value.Find("memory")) {
    const auto named = VectorMemoryFromName(TextOf(memory));
    if (!named) return DataLoss("catalogue names an unknown memory of a vector");
    schema.memory = *named;
  } else if (FlagOf(value.Find("on_disk"))) {
    schema.memory = VectorMemory::kCold;
  }
  schema.space = TextOf(value.Find("space"));
  return schema;
}

Value OptimizerValue(const OptimizerConfig& config) {
  Value out = Value::EmptyObject();
  out.Set("deleted_threshold", Value(config.deleted_threshold));
  out.Set("growing_rows_max", U(config.growing_rows_max));
  out.Set("segment_rows_max", U(config.segment_rows_max));
  out.Set("indexing_threshold_kb", U(config.indexing_threshold_kb));
  out.Set("history_window_s", U(static_cast<uint64_t>(config.history_window_s)));
  return out;
}

OptimizerConfig OptimizerFrom(const Value& value) {
  OptimizerConfig config;
  config.deleted_threshold = RealOf(value.Find("deleted_threshold"), config.deleted_threshold);
  config.growing_rows_max = NumberOf(value.Find("growing_rows_max"), config.growing_rows_max);
  config.segment_rows_max = NumberOf(value.Find("segment_rows_max"), config.segment_rows_max);
  config.indexing_threshold_kb = NumberOf(value.Find("indexing_threshold_kb"), config.indexing_threshold_kb);
  config.history_window_s =
      static_cast<int64_t>(NumberOf(value.Find("history_window_s"), static_cast<uint64_t>(config.history_window_s)));
  return config;
}

}  // namespace

void CollectionRecord::AssignNumbers() {
  for (const auto& [name, vector] : schema.vectors) {
    if (!vector_numbers.contains(name)) vector_numbers[name] = next_number++;
  }
  for (const auto& [key, field] : schema.fields) {
    if (!field_numbers.contains(key)) field_numbers[key] = next_number++;
  }
  std::erase_if(vector_numbers, [&](const auto& item) { return !schema.vectors.contains(item.first); });
  std::erase_if(field_numbers, [&](const auto& item) { return !schema.fields.contains(item.first); });
}

std::shared_ptr<const TableSchema> CollectionRecord::Table() const {
  auto table = std::make_shared<TableSchema>();
  for (const auto& [name, vector] : schema.vectors) {
    table->vectors.push_back(VectorDef{vector_numbers.at(name), name, vector, FormatOf(vector)});
  }
  for (const auto& [key, field] : schema.fields) table->fields.push_back(FieldDef{field_numbers.at(key), key, field});
  table->field_schemas = schema.fields;
  table->hnsw = schema.hnsw;
  table->optimizer = schema.optimizer;
  table->search = schema.search;
  return table;
}

std::string EncodeRecord(const CollectionRecord& record) {
  Value root = Value::EmptyObject();
  Value vectors = Value::EmptyObject();
  for (const auto& [name, vector] : record.schema.vectors) {
    vectors.Set(name, VectorValue(vector, record.vector_numbers.at(name)));
  }
  root.Set("vectors", std::move(vectors));
  Value fields = Value::EmptyObject();
  for (const auto& [key, field] : record.schema.fields) {
    Value out = Value::EmptyObject();
    out.Set("number", U(record.field_numbers.at(key)));
    out.Set("type", Value(std::string(NameOf(field.type))));
    out.Set("is_tenant", Value(field.is_tenant));
    out.Set("params", field.params);
    fields.Set(key, std::move(out));
  }
  root.Set("fields", std::move(fields));
  Value hnsw = Value::EmptyObject();
  hnsw.Set("index", Value(std::string(NameOf(record.schema.hnsw.index))));
  hnsw.Set("m", U(record.schema.hnsw.m));
  hnsw.Set("ef_construct", U(record.schema.hnsw.ef_construct));
  hnsw.Set("full_scan_threshold_kb", U(record.schema.hnsw.full_scan_threshold_kb));
  hnsw.Set("code_bits", U(record.schema.hnsw.code_bits));
  root.Set("hnsw", std::move(hnsw));
  root.Set("optimizer", OptimizerValue(record.schema.optimizer));
  if (record.schema.search.recall_target) root.Set("recall_target", Value(*record.schema.search.recall_target));
  root.Set("space_guard", Value(std::string(NameOf(record.schema.spaces.guard))));
  root.Set("space_unlabelled", Value(std::string(NameOf(record.schema.spaces.unlabelled))));
  root.Set("metadata", record.schema.metadata);
  root.Set("raw_config", record.schema.raw_config);
  root.Set("next_number", U(record.next_number));
  Value::Array shards;
  for (ShardId shard : record.shards) shards.push_back(U(Raw(shard)));
  root.Set("shards", Value(std::move(shards)));
  return EncodePayload(root);
}

absl::StatusOr<CollectionRecord> DecodeRecord(std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(Value root, DecodePayload(bytes));
  const Value* vectors = root.Find("vectors");
  const Value* fields = root.Find("fields");
  const Value* hnsw = root.Find("hnsw");
  const Value* optimizer = root.Find("optimizer");
  const Value* shards = root.Find("shards");
  if (vectors == nullptr || !vectors->is_object() || fields == nullptr || !fields->is_object() || hnsw == nullptr ||
      optimizer == nullptr || shards == nullptr || !shards->is_array()) {
    return DataLoss("catalogue record lacks a part");
  }
  CollectionRecord record;
  for (const auto& [name, value] : vectors->object()) {
    LINEAL_ASSIGN_OR_RETURN(record.schema.vectors[name], VectorFrom(value));
    record.vector_numbers[name] = static_cast<uint32_t>(NumberOf(value.Find("number"), 0));
  }
  for (const auto& [key, value] : fields->object()) {
    FieldSchema field;
    auto type = FieldTypeFromName(TextOf(value.Find("type")));
    if (!type) return DataLoss("catalogue names an unknown field type");
    field.type = *type;
    field.is_tenant = FlagOf(value.Find("is_tenant"));
    if (const Value* params = value.Find("params")) field.params = *params;
    record.schema.fields[key] = std::move(field);
    record.field_numbers[key] = static_cast<uint32_t>(NumberOf(value.Find("number"), 0));
  }
  // Collections from before there was a choice have graphs; they are built anew as the engine chooses now.
  if (const Value* index = hnsw->Find("index")) {
    record.schema.hnsw.index = IndexKindFromName(TextOf(index)).value_or(IndexKind::kAuto);
  }
  record.schema.hnsw.m = static_cast<uint32_t>(NumberOf(hnsw->Find("m"), record.schema.hnsw.m));
  record.schema.hnsw.ef_construct =
      static_cast<uint32_t>(NumberOf(hnsw->Find("ef_construct"), record.schema.hnsw.ef_construct));
  record.schema.hnsw.full_scan_threshold_kb =
      NumberOf(hnsw->Find("full_scan_threshold_kb"), record.schema.hnsw.full_scan_threshold_kb);
  // Before there was a choice of bits, codes were there or not.
  if (const Value* use_codes = hnsw->Find("use_codes")) record.schema.hnsw.code_bits = FlagOf(use_codes) ? 8 : 0;
  record.schema.hnsw.code_bits = static_cast<uint32_t>(NumberOf(hnsw->Find("code_bits"), record.schema.hnsw.code_bits));
  record.schema.optimizer = OptimizerFrom(*optimizer);
  if (const Value* target = root.Find("recall_target")) record.schema.search.recall_target = RealOf(target, 1.0);
  if (TextOf(root.Find("space_guard")) == NameOf(SpacePolicy::Guard::kWarn)) {
    record.schema.spaces.guard = SpacePolicy::Guard::kWarn;
  }
  if (TextOf(root.Find("space_unlabelled")) == NameOf(SpacePolicy::Unlabelled::kAssume)) {
    record.schema.spaces.unlabelled = SpacePolicy::Unlabelled::kAssume;
  }
  if (const Value* metadata = root.Find("metadata")) record.schema.metadata = *metadata;
  if (const Value* raw = root.Find("raw_config")) record.schema.raw_config = *raw;
  record.next_number = static_cast<uint32_t>(NumberOf(root.Find("next_number"), 1));
  for (const Value& shard : shards->array())
    record.shards.push_back(ShardId{static_cast<uint32_t>(NumberOf(&shard, 0))});
  record.schema.shard_count = static_cast<uint32_t>(record.shards.size());
  return record;
}

}  // namespace lineal::engine
