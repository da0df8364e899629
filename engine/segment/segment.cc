#include "engine/segment/segment.h"

#include <algorithm>

#include "base/check.h"
#include "base/file_system.h"

namespace lineal::engine {

Segment::Segment(SegmentParts parts)
    : parts_(std::move(parts)),
      filter_cache_(parts_.kind == SegmentKind::kGrowing ? nullptr
                                                         : std::make_unique<FilterCache>(parts_.rows->size())) {}

std::shared_ptr<Segment> Segment::NewGrowing(uint64_t id, const TableSchema& schema, uint32_t capacity,
                                             std::shared_ptr<SegmentAccount> account) {
  SegmentParts parts;
  parts.id = id;
  parts.account = std::move(account);
  parts.kind = SegmentKind::kGrowing;
  parts.rows = std::make_shared<RowTable>(capacity);
  parts.stale = std::make_shared<RowBits>(capacity);
  for (const VectorDef& vector : schema.vectors) {
    parts.vector_names[vector.name] = vector.number;
    parts.vectors[vector.number] = std::make_shared<VectorColumn>(vector.format, capacity);
  }
  for (const FieldDef& field : schema.fields) {
    parts.fields[field.key] = FieldColumn::Create(field.key, field.schema, capacity);
    parts.field_numbers[field.key] = field.number;
  }
  return std::make_shared<Segment>(std::move(parts));
}

bool Segment::Indexes(const FieldDef& field) const {
  const auto it = parts_.field_numbers.find(field.key);
  return it != parts_.field_numbers.end() && it->second == field.number;
}

const VectorColumn* Segment::Vector(uint32_t number) const {
  auto it = parts_.vectors.find(number);
  return it == parts_.vectors.end() ? nullptr : it->second.get();
}

void Segment::Append(const NewRow& row) {
  LINEAL_CHECK(parts_.kind == SegmentKind::kGrowing && !full());
  for (const auto& [number, column] : parts_.vectors) {
    auto it = std::find_if(row.vectors.begin(), row.vectors.end(),
                           [wanted = number](const auto& v) { return v.first == wanted; });
    const bool given = it != row.vectors.end() && it->second.size() == column->format().row_bytes();
    column->Append(given ? reinterpret_cast<const std::byte*>(it->second.data()) : nullptr);
  }
  static const Value kNone;
  for (const auto& [key, field] : parts_.fields) {
    static_cast<FieldColumn&>(*field).Append(row.payload != nullptr ? *row.payload : kNone);
  }
  if (row.stale) parts_.stale->Set(LocalId{parts_.rows->size()});
  parts_.rows->Append(row.entry);
}

SegmentMemory Segment::Memory() const {
  SegmentMemory memory;
  memory[SegmentMemoryKind::kRows] = parts_.rows->memory_bytes();
  memory[SegmentMemoryKind::kRowBits] = parts_.stale->memory_bytes();
  for (const auto& [number, column] : parts_.vectors) column->AddMemory(&memory);
  for (const auto& [key, field] : parts_.fields) memory[SegmentMemoryKind::kPayloadIndex] += field->memory_bytes();
  if (filter_cache_) memory[SegmentMemoryKind::kSearchScratch] += filter_cache_->memory_bytes();
  return memory;
}

void Segment::Charge() const {
  if (parts_.account) parts_.account->Set(Memory(), SealingBytes());
}

// The other segment's rows, and its payload index while it is made or its vectors' after that.
uint64_t Segment::SealingBytes() const {
  if (parts_.kind != SegmentKind::kGrowing) return 0;
  uint64_t vectors = 0, payload_index = 0;
  for (const auto& [number, column] : parts_.vectors) vectors += column->SealingBytes(parts_.rows->size());
  for (const auto& [key, field] : parts_.fields) payload_index += field->memory_bytes();
  return parts_.rows->memory_bytes() + std::max(vectors, payload_index);
}

std::vector<MappedBytes> Segment::Mapped() const {
  std::vector<MappedBytes> mapped;
  const auto add = [&](std::string_view kind, std::string_view bytes) {
    mapped.push_back({std::string(kind), bytes.size(), ResidentBytes(bytes)});
  };
  for (const auto& [number, column] : parts_.vectors) column->ForEachMapped(add);
  for (const auto& [key, field] : parts_.fields) {
    if (!field->image().empty()) add(NameOf(SegmentMemoryKind::kPayloadIndex), field->image());
  }
  return mapped;
}

std::string_view NameOf(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kGrowing:
      return "growing";
    case SegmentKind::kSealed:
      return "sealed";
    case SegmentKind::kHistory:
      return "history";
  }
  return "unknown";
}

}  // namespace lineal::engine
