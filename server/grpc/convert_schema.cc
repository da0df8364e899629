#include "server/grpc/convert_schema.h"

#include <optional>
#include <utility>

#include "base/status.h"
#include "server/grpc/convert_value.h"

namespace lineal::server {
namespace {

using engine::ElementType;
using engine::FieldType;
using engine::Metric;

absl::StatusOr<Metric> MetricFromWire(v1::Metric metric) {
  switch (static_cast<int>(metric)) {
    case v1::METRIC_COSINE:
      return Metric::kCosine;
    case v1::METRIC_DOT:
      return Metric::kDot;
    case v1::METRIC_EUCLID:
      return Metric::kEuclid;
    case v1::METRIC_MANHATTAN:
      return Metric::kManhattan;
  }
  return InvalidArgument("metric is not set or not known: ", static_cast<int>(metric));
}

v1::Metric MetricToWire(Metric metric) {
  switch (metric) {
    case Metric::kCosine:
      return v1::METRIC_COSINE;
    case Metric::kDot:
      return v1::METRIC_DOT;
    case Metric::kEuclid:
      return v1::METRIC_EUCLID;
    case Metric::kManhattan:
      return v1::METRIC_MANHATTAN;
  }
  return v1::METRIC_UNSPECIFIED;
}

absl::StatusOr<ElementType> ElementTypeFromWire(v1::ElementType type) {
  switch (static_cast<int>(type)) {
    case v1::ELEMENT_TYPE_F32:
      return ElementType::kF32;
    case v1::ELEMENT_TYPE_F16:
      return ElementType::kF16;
    case v1::ELEMENT_TYPE_U8:
      return ElementType::kU8;
    case v1::ELEMENT_TYPE_BF16:
      return ElementType::kBF16;
  }
  return InvalidArgument("element type ", static_cast<int>(type), " is not known");
}

v1::ElementType ElementTypeToWire(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return v1::ELEMENT_TYPE_F32;
    case ElementType::kF16:
      return v1::ELEMENT_TYPE_F16;
    case ElementType::kU8:
      return v1::ELEMENT_TYPE_U8;
    case ElementType::kBF16:
      return v1::ELEMENT_TYPE_BF16;
  }
  return v1::ELEMENT_TYPE_F32;
}

constexpr std::pair<v1::FieldType, FieldType> kFieldTypes[] = {
    {v1::FIELD_TYPE_KEYWORD, FieldType::kKeyword},   {v1::FIELD_TYPE_INTEGER, FieldType::kInteger},
    {v1::FIELD_TYPE_FLOAT, FieldType::kFloat},       {v1::FIELD_TYPE_BOOL, FieldType::kBool},
    {v1::FIELD_TYPE_DATETIME, FieldType::kDatetime}, {v1::FIELD_TYPE_UUID, FieldType::kUuid},
    {v1::FIELD_TYPE_TEXT, FieldType::kText},
};

v1::FieldType FieldTypeToWire(FieldType type) {
  for (const auto& [wire, domain] : kFieldTypes) {
    if (domain == type) return wire;
  }
  return v1::FIELD_TYPE_UNSPECIFIED;
}

absl::StatusOr<engine::IndexKind> IndexKindFromWire(v1::IndexKind wire) {
  switch (wire) {
    case v1::INDEX_KIND_AUTO:
      return engine::IndexKind::kAuto;
    case v1::INDEX_KIND_HNSW:
      return engine::IndexKind::kHnsw;
    case v1::INDEX_KIND_IVF:
      return engine::IndexKind::kIvf;
    case v1::INDEX_KIND_FLAT:
      return engine::IndexKind::kFlat;
    default:
      return InvalidArgument("unknown index kind ", static_cast<int>(wire));
  }
}

v1::IndexKind IndexKindToWire(engine::IndexKind kind) {
  switch (kind) {
    case engine::IndexKind::kAuto:
      return v1::INDEX_KIND_AUTO;
    case engine::IndexKind::kHnsw:
      return v1::INDEX_KIND_HNSW;
    case engine::IndexKind::kIvf:
      return v1::INDEX_KIND_IVF;
    case engine::IndexKind::kFlat:
      return v1::INDEX_KIND_FLAT;
  }
  return v1::INDEX_KIND_UNSPECIFIED;
}

absl::StatusOr<engine::VectorMemory> MemoryFromWire(v1::VectorMemory wire) {
  switch (wire) {
    case v1::VECTOR_MEMORY_HOT:
      return engine::VectorMemory::kHot;
    case v1::VECTOR_MEMORY_WARM:
      return engine::VectorMemory::kWarm;
    case v1::VECTOR_MEMORY_COLD:
      return engine::VectorMemory::kCold;
    default:
      return InvalidArgument("unknown memory of a vector: ", static_cast<int>(wire));
  }
}

v1::VectorMemory MemoryToWire(engine::VectorMemory memory) {
  switch (memory) {
    case engine::VectorMemory::kHot:
      return v1::VECTOR_MEMORY_HOT;
    case engine::VectorMemory::kWarm:
      return v1::VECTOR_MEMORY_WARM;
    case engine::VectorMemory::kCold:
      return v1::VECTOR_MEMORY_COLD;
  }
  return v1::VECTOR_MEMORY_UNSPECIFIED;
}

absl::StatusOr<engine::VectorSchema> VectorSchemaFromWire(const v1::VectorSchema& wire) {
  engine::VectorSchema schema;
  schema.dim = wire.dim();
  LINEAL_ASSIGN_OR_RETURN(schema.metric, MetricFromWire(wire.metric()));
  LINEAL_ASSIGN_OR_RETURN(schema.type, ElementTypeFromWire(wire.type()));
  if (wire.has_index()) {
    LINEAL_ASSIGN_OR_RETURN(schema.index, IndexKindFromWire(wire.index()));
  }
  if (wire.has_m()) schema.m = wire.m();
  if (wire.has_ef_construct()) schema.ef_construct = wire.ef_construct();
  if (wire.has_code_bits()) schema.code_bits = wire.code_bits();
  if (wire.on_disk()) schema.memory = engine::VectorMemory::kCold;
  if (wire.has_memory()) {
    LINEAL_ASSIGN_OR_RETURN(schema.memory, MemoryFromWire(wire.memory()));
    if (wire.on_disk() && schema.memory != engine::VectorMemory::kCold) {
      return InvalidArgument("memory ", NameOf(schema.memory), " contradicts on_disk");
    }
  }
  return schema;
}

void VectorSchemaToWire(const engine::VectorSchema& schema, v1::VectorSchema* out) {
  out->set_dim(schema.dim);
  out->set_metric(MetricToWire(schema.metric));
  out->set_type(ElementTypeToWire(schema.type));
  if (schema.index) out->set_index(IndexKindToWire(*schema.index));
  if (schema.m) out->set_m(*schema.m);
  if (schema.ef_construct) out->set_ef_construct(*schema.ef_construct);
  if (schema.code_bits) out->set_code_bits(*schema.code_bits);
  out->set_on_disk(schema.memory == engine::VectorMemory::kCold);
  out->set_memory(MemoryToWire(schema.memory));
}

template <class Wire>
absl::StatusOr<std::map<std::string, engine::VectorSchema>> VectorsFromWire(const Wire& wire) {
  std::map<std::string, engine::VectorSchema> vectors;
  for (const auto& [name, vector] : wire) {
    auto converted = VectorSchemaFromWire(vector);
    LINEAL_RETURN_IF_ERROR(Annotate(converted.status(), StrCat("vector `", name, "`")));
    vectors.emplace(name, *std::move(converted));
  }
  return vectors;
}

template <class Wire>
absl::StatusOr<std::map<std::string, engine::FieldSchema>> FieldsFromWire(const Wire& wire) {
  std::map<std::string, engine::FieldSchema> fields;
  for (const auto& [key, field] : wire) {
    auto converted = FieldSchemaFromWire(field);
    LINEAL_RETURN_IF_ERROR(Annotate(converted.status(), StrCat("field `", key, "`")));
    fields.emplace(key, *std::move(converted));
  }
  return fields;
}

absl::Status Overlay(const v1::HnswConfig& wire, engine::HnswConfig* config) {
  if (wire.has_index()) {
    LINEAL_ASSIGN_OR_RETURN(config->index, IndexKindFromWire(wire.index()));
  }
  if (wire.has_m()) config->m = wire.m();
  if (wire.has_ef_construct()) config->ef_construct = wire.ef_construct();
  if (wire.has_full_scan_threshold_kb()) config->full_scan_threshold_kb = wire.full_scan_threshold_kb();
  if (wire.has_code_bits()) config->code_bits = wire.code_bits();
  return absl::OkStatus();
}

void Overlay(const v1::OptimizerConfig& wire, engine::OptimizerConfig* config) {
  if (wire.has_deleted_threshold()) config->deleted_threshold = wire.deleted_threshold();
  if (wire.has_growing_rows_max()) config->growing_rows_max = wire.growing_rows_max();
  if (wire.has_segment_rows_max()) config->segment_rows_max = wire.segment_rows_max();
  if (wire.has_indexing_threshold_kb()) config->indexing_threshold_kb = wire.indexing_threshold_kb();
  if (wire.has_history_window_s()) config->history_window_s = wire.history_window_s();
}

engine::SearchConfig SearchConfigFromWire(const v1::SearchConfig& wire) {
  engine::SearchConfig config;
  if (wire.has_recall_target()) config.recall_target = wire.recall_target();
  return config;
}

v1::CollectionHealth HealthToWire(engine::CollectionHealth health) {
  switch (health) {
    case engine::CollectionHealth::kGreen:
      return v1::COLLECTION_HEALTH_GREEN;
    case engine::CollectionHealth::kYellow:
      return v1::COLLECTION_HEALTH_YELLOW;
    case engine::CollectionHealth::kGrey:
      return v1::COLLECTION_HEALTH_GREY;
    case engine::CollectionHealth::kRed:
      return v1::COLLECTION_HEALTH_RED;
  }
  return v1::COLLECTION_HEALTH_RED;
}

}  // namespace

absl::StatusOr<engine::FieldSchema> FieldSchemaFromWire(const v1::FieldSchema& wire) {
  for (const auto& [wire_type, type] : kFieldTypes) {
    if (wire_type != wire.type()) continue;
    engine::FieldSchema schema;
    schema.type = type;
    schema.is_tenant = wire.is_tenant();
    return schema;
  }
  return InvalidArgument("field type is not set or not known: ", static_cast<int>(wire.type()));
}

absl::StatusOr<engine::CollectionSchema> SchemaFromWire(const v1::CollectionSchema& wire) {
  engine::CollectionSchema schema;
  LINEAL_ASSIGN_OR_RETURN(schema.vectors, VectorsFromWire(wire.vectors()));
  LINEAL_ASSIGN_OR_RETURN(schema.fields, FieldsFromWire(wire.fields()));
  if (wire.shard_count() != 0) schema.shard_count = wire.shard_count();
  LINEAL_RETURN_IF_ERROR(Overlay(wire.hnsw(), &schema.hnsw));
  Overlay(wire.optimizer(), &schema.optimizer);
  schema.search = SearchConfigFromWire(wire.search());
  if (wire.has_metadata()) {
    LINEAL_ASSIGN_OR_RETURN(schema.metadata, ObjectFromWire(wire.metadata()));
  }
  return schema;
}

void SchemaToWire(const engine::CollectionSchema& schema, v1::CollectionSchema* out) {
  for (const auto& [name, vector] : schema.vectors) VectorSchemaToWire(vector, &(*out->mutable_vectors())[name]);
  for (const auto& [key, field] : schema.fields) {
    v1::FieldSchema& wire = (*out->mutable_fields())[key];
    wire.set_type(FieldTypeToWire(field.type));
    wire.set_is_tenant(field.is_tenant);
  }
  out->set_shard_count(schema.shard_count);
  out->mutable_hnsw()->set_index(IndexKindToWire(schema.hnsw.index));
  out->mutable_hnsw()->set_m(schema.hnsw.m);
  out->mutable_hnsw()->set_ef_construct(schema.hnsw.ef_construct);
  out->mutable_hnsw()->set_full_scan_threshold_kb(schema.hnsw.full_scan_threshold_kb);
  out->mutable_hnsw()->set_code_bits(schema.hnsw.code_bits);
  out->mutable_optimizer()->set_deleted_threshold(schema.optimizer.deleted_threshold);
  out->mutable_optimizer()->set_growing_rows_max(schema.optimizer.growing_rows_max);
  out->mutable_optimizer()->set_segment_rows_max(schema.optimizer.segment_rows_max);
  out->mutable_optimizer()->set_indexing_threshold_kb(schema.optimizer.indexing_threshold_kb);
  out->mutable_optimizer()->set_history_window_s(schema.optimizer.history_window_s);
  if (schema.search.recall_target) out->mutable_search()->set_recall_target(*schema.search.recall_target);
  if (schema.metadata.is_object()) ObjectToWire(schema.metadata, out->mutable_metadata());
}

absl::StatusOr<engine::SchemaChange> ChangeFromWire(const v1::AlterCollectionRequest& wire,
                                                    const engine::CollectionSchema& current) {
  engine::SchemaChange change;
  if (wire.has_hnsw()) LINEAL_RETURN_IF_ERROR(Overlay(wire.hnsw(), &change.hnsw.emplace(current.hnsw)));
  if (wire.has_optimizer()) Overlay(wire.optimizer(), &change.optimizer.emplace(current.optimizer));
  if (wire.has_search()) change.search = SearchConfigFromWire(wire.search());
  LINEAL_ASSIGN_OR_RETURN(change.add_vectors, VectorsFromWire(wire.add_vectors()));
  LINEAL_ASSIGN_OR_RETURN(change.add_fields, FieldsFromWire(wire.add_fields()));
  for (const auto& [name, vector] : wire.change_vectors()) {
    change.code_bits[name] = vector.has_code_bits() ? std::optional(vector.code_bits()) : std::nullopt;
  }
  for (const auto& [name, memory] : wire.vector_memory()) {
    LINEAL_ASSIGN_OR_RETURN(change.vector_memory[name], MemoryFromWire(static_cast<v1::VectorMemory>(memory)));
  }
  change.drop_vectors.assign(wire.drop_vectors().begin(), wire.drop_vectors().end());
  change.drop_fields.assign(wire.drop_fields().begin(), wire.drop_fields().end());
  if (wire.has_metadata()) {
    LINEAL_ASSIGN_OR_RETURN(change.metadata, ObjectFromWire(wire.metadata()));
  }
  return change;
}

absl::StatusOr<std::vector<engine::AliasChange>> AliasChangesFromWire(const v1::ChangeAliasesRequest& request) {
  std::vector<engine::AliasChange> changes;
  changes.reserve(static_cast<size_t>(request.changes_size()));
  for (const v1::AliasChange& wire : request.changes()) {
    switch (wire.change_case()) {
      case v1::AliasChange::kCreate:
        changes.push_back(engine::CreateAlias{wire.create().alias(), {wire.create().collection(), "", ""}});
        break;
      case v1::AliasChange::kDrop:
        changes.push_back(engine::DeleteAlias{wire.drop()});
        break;
      case v1::AliasChange::kRename:
        changes.push_back(engine::RenameAlias{wire.rename().from(), wire.rename().to()});
        break;
      case v1::AliasChange::CHANGE_NOT_SET:
        return InvalidArgument("alias change ", changes.size(), " has nothing set");
    }
  }
  return changes;
}

void InfoToWire(const engine::CollectionInfo& info, v1::CollectionInfo* out) {
  out->set_health(HealthToWire(info.health));
  out->set_problem(info.problem);
  SchemaToWire(info.schema, out->mutable_schema());
  out->set_points(info.points);
  out->set_vectors(info.vectors);
  out->set_indexed_vectors(info.indexed_vectors);
  for (const auto& [key, points] : info.field_points) (*out->mutable_field_points())[key] = points;
  for (const engine::SegmentInfo& segment : info.segments) {
    v1::SegmentInfo* wire = out->add_segments();
    wire->set_id(segment.id);
    wire->set_kind(segment.kind);
    wire->set_rows(segment.rows);
    wire->set_dead_rows(segment.dead_rows);
    wire->set_indexed_rows(segment.indexed_rows);
  }
  for (Seq seq : info.seqs) out->add_seqs(Raw(seq));
  out->set_disk_bytes(info.disk_bytes);
}

void TaskToWire(const engine::OptimizerTask& task, v1::OptimizerTask* out) {
  out->set_collection(task.collection);
  out->set_shard(task.shard);
  out->set_kind(task.kind);
  out->set_state(task.state);
  out->set_done_rows(task.done_rows);
  out->set_total_rows(task.total_rows);
  out->set_eta_s(task.eta_s);
}

}  // namespace lineal::server
