#include "engine/segment/table_schema.h"

#include <algorithm>

#include "index/quantizers/rabitq.h"
#include "index/quantizers/row_codes.h"

namespace lineal::engine {

const VectorDef* TableSchema::FindVector(std::string_view name) const {
  for (const VectorDef& vector : vectors) {
    if (vector.name == name) return &vector;
  }
  return nullptr;
}

const VectorDef* TableSchema::FindVector(uint32_t number) const {
  for (const VectorDef& vector : vectors) {
    if (vector.number == number) return &vector;
  }
  return nullptr;
}

const FieldDef* TableSchema::FindField(std::string_view key) const {
  for (const FieldDef& field : fields) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

IndexKind TableSchema::KindOf(const VectorDef& vector) const {
  const IndexKind kind = vector.schema.index.value_or(hnsw.index);
  if (kind != IndexKind::kAuto) return kind;
  // Judging what one-bit codes let through by whole rows costs what a graph saves; who asks for one bit, or for cold
  // rows, wants the memory.
  const bool judges_few = vector.schema.memory == VectorMemory::kCold || BitsWanted(vector) != 0;
  return index::CanRabitq(vector.format) && judges_few ? IndexKind::kIvf : IndexKind::kHnsw;
}

index::HnswParams TableSchema::GraphParams(const VectorDef& vector) const {
  index::HnswParams params;
  params.m = vector.schema.m.value_or(hnsw.m);
  params.ef_construct = vector.schema.ef_construct.value_or(hnsw.ef_construct);
  params.seed = vector.number + 1;
  return index::HnswIndex::Sound(params);
}

bool TableSchema::GraphDiffers(const VectorDef& vector, const index::HnswIndex& graph) const {
  const index::HnswParams wanted = GraphParams(vector);
  return graph.params().m != wanted.m || graph.params().ef_construct != wanted.ef_construct;
}

bool TableSchema::WantsIndex(const VectorDef& vector, uint64_t rows) const {
  const uint64_t threshold_kb = std::min(optimizer.indexing_threshold_kb, hnsw.full_scan_threshold_kb);
  return KindOf(vector) != IndexKind::kFlat && vector.schema.m.value_or(hnsw.m) > 0 &&
         rows * vector.format.row_bytes() > threshold_kb * 1024;
}

uint32_t TableSchema::BitsWanted(const VectorDef& vector) const {
  const uint32_t bits = vector.schema.code_bits.value_or(hnsw.code_bits);
  return bits != 0 && index::CodesPay(vector.format, bits) ? bits : 0;
}

uint32_t TableSchema::CodeBits(const VectorDef& vector) const {
  const uint32_t bits = BitsWanted(vector);
  return bits == 1 || WantsListedRows(vector) ? 0 : bits;
}

bool TableSchema::WantsListedRows(const VectorDef& vector) const {
  return vector.schema.memory == VectorMemory::kCold && KindOf(vector) == IndexKind::kIvf;
}

std::vector<const FieldDef*> TableSchema::TenantFields(const VectorDef& vector) const {
  std::vector<const FieldDef*> tenants;
  // Rows in a file lie in the order of one set of lists.
  if (KindOf(vector) != IndexKind::kIvf || WantsListedRows(vector)) return tenants;
  for (const FieldDef& field : fields) {
    const bool named = field.schema.type == FieldType::kKeyword || field.schema.type == FieldType::kUuid;
    if (field.schema.is_tenant && named) tenants.push_back(&field);
  }
  return tenants;
}

index::RowFormat FormatOf(const VectorSchema& schema) {
  index::RowFormat format;
  format.type = schema.type;
  format.dim = schema.dim;
  switch (schema.metric) {
    case Metric::kCosine:
      format.distance = index::Distance::kCosine;
      break;
    case Metric::kDot:
      format.distance = index::Distance::kDot;
      break;
    case Metric::kEuclid:
      format.distance = index::Distance::kL2;
      break;
    case Metric::kManhattan:
      format.distance = index::Distance::kL1;
      break;
  }
  return format;
}

}  // namespace lineal::engine
