#include "engine/optimizer/compaction.h"

#include <algorithm>

#include "base/log.h"
#include "base/status.h"
#include "engine/optimizer/recall_measure.h"
#include "engine/optimizer/segment_writer.h"

namespace lineal::engine {
namespace {

struct SortedRows {
  std::vector<RowPlace> live;
  std::vector<RowPlace> history;
  std::vector<RowId> gone;
  uint64_t memory_bytes() const {
    return (live.capacity() + history.capacity()) * sizeof(RowPlace) + gone.capacity() * sizeof(RowId);
  }
};

SortedRows SortRows(const SegmentList& inputs, Seq floor, std::span<const RowId> erased) {
  SortedRows sorted;
  for (const auto& segment : inputs) {
    const RowTable& rows = segment->rows();
    for (uint32_t i = 0; i < rows.size(); ++i) {
      const Seq died = rows.died(LocalId{i});
      const RowPlace place{segment.get(), LocalId{i}};
      if (died == kSeqMax) {
        sorted.live.push_back(place);
      } else if (std::binary_search(erased.begin(), erased.end(), place.row())) {
        continue;
      } else if (died > floor) {
        sorted.history.push_back(place);
      } else {
        sorted.gone.push_back(place.row());
      }
    }
  }
  auto by_row = [](const RowPlace& a, const RowPlace& b) { return a.row() < b.row(); };
  std::sort(sorted.live.begin(), sorted.live.end(), by_row);
  std::sort(sorted.history.begin(), sorted.history.end(), by_row);
  return sorted;
}

// Keeps rows whose payload changes while new indexes are built from being believed.
class ChangeWatch {
 public:
  explicit ChangeWatch(Shard& shard) : shard_(shard) { shard_.BeginChangeWatch(); }
  ~ChangeWatch() { shard_.EndChangeWatch(); }

 private:
  Shard& shard_;
};

std::vector<uint64_t> IdsOf(const SegmentList& segments) {
  std::vector<uint64_t> ids;
  for (const auto& segment : segments) ids.push_back(segment->id());
  return ids;
}

void Discard(const std::vector<std::shared_ptr<const Segment>>& segments) {
  for (const auto& segment : segments) SegmentStore::Obsolete(*segment);
}

}  // namespace

absl::Status Compact(Shard& shard, const SegmentList& inputs, const CompactionOptions& options) {
  const Seq floor = shard.AdvanceFloor();
  ChangeWatch watch(shard);
  const SortedRows sorted = SortRows(inputs, floor, options.erased);
  const WorkingMemory::Part held(&shard.building(), sorted.memory_bytes());
  SegmentWriter writer(shard, options);
  std::vector<std::shared_ptr<const Segment>> added;
  for (const auto& [rows, kind] :
       {std::pair{&sorted.live, SegmentKind::kSealed}, std::pair{&sorted.history, SegmentKind::kHistory}}) {
    if (rows->empty()) continue;
    auto segment = writer.Write(*rows, kind);
    if (!segment.ok()) {
      Discard(added);
      return segment.status();
    }
    added.push_back(*std::move(segment));
  }
  return shard.Swap(IdsOf(inputs), std::move(added), sorted.gone);
}

absl::Status CompleteIndexes(Shard& shard, const std::shared_ptr<const Segment>& segment,
                             const CompactionOptions& options) {
  ChangeWatch watch(shard);
  LINEAL_ASSIGN_OR_RETURN(std::shared_ptr<const Segment> complete, SegmentWriter(shard, options).Complete(segment));
  return shard.Swap({segment->id()}, {std::move(complete)}, {});
}

absl::Status Calibrate(Shard& shard, const Segment& segment, const std::atomic<bool>* cancelled) {
  const QuerySamples* samples = shard.query_samples();
  for (const auto& [number, column] : segment.parts().vectors) {
    if (!RecallIsDue(segment, number, samples)) continue;
    LINEAL_ASSIGN_OR_RETURN(RecallTable table, MeasureRecall(segment, number, samples, cancelled));
    const absl::Status saved = shard.segment_store().SaveRecall(segment.id(), number, table);
    if (!saved.ok())
      Log(LogLevel::kWarning, "cannot keep a graph's recall", {{"error", std::string(MessageOf(saved))}});
    column->SetRecall(std::make_shared<const RecallTable>(std::move(table)));
  }
  return absl::OkStatus();
}

bool LacksIndex(const Segment& segment, const TableSchema& schema) {
  if (segment.kind() != SegmentKind::kSealed) return false;
  return std::any_of(schema.vectors.begin(), schema.vectors.end(), [&](const VectorDef& vector) {
    const VectorColumn* column = segment.Vector(vector.number);
    return column != nullptr && !column->has_index() && schema.WantsIndex(vector, column->present().count());
  });
}

bool IndexDiffers(const Segment& segment, const TableSchema& schema) {
  return segment.kind() == SegmentKind::kSealed &&
         std::any_of(schema.vectors.begin(), schema.vectors.end(), [&](const VectorDef& vector) {
           const VectorColumn* column = segment.Vector(vector.number);
           if (column == nullptr || !column->has_index()) return false;
           const IndexKind kind = schema.KindOf(vector);
           if (kind == IndexKind::kFlat || (kind == IndexKind::kIvf) != (column->lists() != nullptr)) return true;
           return column->graph() != nullptr && schema.WantsIndex(vector, column->present().count()) &&
                  schema.GraphDiffers(vector, *column->graph());
         });
}

bool CodesDiffer(const Segment& segment, const TableSchema& schema) {
  return std::any_of(schema.vectors.begin(), schema.vectors.end(), [&](const VectorDef& vector) {
    const VectorColumn* column = segment.Vector(vector.number);
    return segment.kind() == SegmentKind::kSealed && column != nullptr && column->has_index() &&
           column->code_bits() != schema.CodeBits(vector);
  });
}

bool TenantsDiffer(const Segment& segment, const TableSchema& schema) {
  return segment.kind() == SegmentKind::kSealed &&
         std::any_of(schema.vectors.begin(), schema.vectors.end(), [&](const VectorDef& vector) {
           const VectorColumn* column = segment.Vector(vector.number);
           if (column == nullptr || column->lists() == nullptr) return false;
           const std::vector<const FieldDef*> wanted = schema.TenantFields(vector);
           return column->tenants() == nullptr ? !wanted.empty() : !column->tenants()->AreOf(wanted);
         });
}

bool MemoryDiffers(const Segment& segment, const TableSchema& schema) {
  if (segment.kind() == SegmentKind::kGrowing) return false;
  return std::any_of(schema.vectors.begin(), schema.vectors.end(), [&](const VectorDef& vector) {
    const VectorColumn* column = segment.Vector(vector.number);
    if (column == nullptr) return false;
    if (column->memory() != vector.schema.memory) return true;
    const bool listed = column->listed_rows() != nullptr && !column->listed_rows()->damaged();
    return column->lists() != nullptr && listed != schema.WantsListedRows(vector);
  });
}

bool FieldsDiffer(const Segment& segment, const TableSchema& schema) {
  if (segment.kind() == SegmentKind::kGrowing) return false;
  return std::any_of(schema.fields.begin(), schema.fields.end(),
                     [&](const FieldDef& field) { return !segment.Indexes(field); }) ||
         std::any_of(segment.parts().fields.begin(), segment.parts().fields.end(),
                     [&](const auto& field) { return schema.FindField(field.first) == nullptr; });
}

}  // namespace lineal::engine
