#include "engine/optimizer/task_choice.h"

#include <algorithm>
#include <functional>

#include "engine/optimizer/compaction.h"
#include "engine/optimizer/recall_measure.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kSealRowsMax = 1'000'000;
constexpr uint32_t kTailRowsMin = 2'048;  // of a graph
// Lists are written anew for every tail that joins them, so that its length follows theirs.
constexpr uint32_t kListedRowsMin = 4'096;
constexpr uint32_t kListTailRowsMin = 1'024;
constexpr uint32_t kListTailShare = 32;
constexpr uint64_t kHistoryRowsMax = 65'536;  // a history segment goes as a whole, when its last row is past

uint64_t RowsOf(const SegmentList& segments) {
  uint64_t rows = 0;
  for (const auto& segment : segments) rows += segment->rows().size();
  return rows;
}

double DeadShare(const Segment& segment) {
  const uint32_t rows = segment.rows().size();
  return rows == 0 ? 0.0 : static_cast<double>(segment.rows().dead_rows()) / rows;
}

// The largest first.
SegmentList OfKind(const SegmentList& segments, SegmentKind kind) {
  SegmentList found;
  std::copy_if(segments.begin(), segments.end(), std::back_inserter(found),
               [kind](const auto& s) { return s->kind() == kind; });
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a->rows().size() > b->rows().size(); });
  return found;
}

// Many payloads changed after the indexes were built, and nobody can ask for the older ones any more: indexes built now
// will be believed again. At most once a history window, for the watermark is then ahead of the floor.
bool IsStale(const Segment& segment, const TableSchema& schema, Seq floor) {
  return !schema.fields.empty() && segment.parts().watermark < floor &&
         segment.stale().count() > schema.optimizer.deleted_threshold * segment.rows().size();
}

bool AllGone(const Segment& segment, Seq floor) {
  const RowTable& rows = segment.rows();
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (rows.died(LocalId{i}) > floor) return false;
  }
  return true;
}

// The smaller segments of a shard are merged into the next larger one as soon as together they have half its rows:
// every row is rewritten a logarithmic number of times, and few segments are left to search.
std::optional<TaskChoice> ChooseMerge(const SegmentList& segments, uint64_t rows_max) {
  uint64_t smaller = 0;
  std::optional<size_t> from;
  for (size_t i = segments.size(); i-- > 0;) {
    const uint64_t rows = segments[i]->rows().size();
    if (rows + smaller > rows_max) break;
    if (smaller > 0 && smaller * 2 >= rows) from = i;
    smaller += rows;
  }
  if (!from) return std::nullopt;
  SegmentList inputs(segments.begin() + static_cast<ptrdiff_t>(*from), segments.end());
  const uint64_t rows = RowsOf(inputs);
  return TaskChoice{.kind = TaskKind::kMerge, .inputs = std::move(inputs), .rows = rows};
}

}  // namespace

std::string_view NameOf(TaskKind kind) {
  switch (kind) {
    case TaskKind::kIndexTail:
      return "index";
    case TaskKind::kSeal:
      return "seal";
    case TaskKind::kComplete:
      return "index";
    case TaskKind::kMerge:
      return "merge";
    case TaskKind::kVacuum:
      return "vacuum";
    case TaskKind::kCalibrate:
      return "calibrate";
  }
  return "unknown";
}

std::optional<TaskChoice> ChooseSeal(const SegmentList& segments) {
  SegmentList full;
  uint64_t rows = 0;
  for (const auto& segment : segments) {
    if (segment->kind() != SegmentKind::kGrowing || segment == segments.back()) continue;
    if (!full.empty() && rows + segment->rows().size() > kSealRowsMax) break;
    full.push_back(segment);
    rows += segment->rows().size();
  }
  if (full.empty()) return std::nullopt;
  return TaskChoice{.kind = TaskKind::kSeal, .inputs = std::move(full), .rows = rows};
}

namespace {

bool AnyIndexed(const SegmentList& segments, const VectorDef& vector) {
  return std::any_of(segments.begin(), segments.end(), [&](const auto& segment) {
    const VectorColumn* column = segment->Vector(vector.number);
    return segment->kind() == SegmentKind::kSealed && column != nullptr && column->has_index();
  });
}

// Calls `visit` with a growing segment's columns whose rows are to be in an index of that kind.
void ForEachColumn(const Segment& growing, const TableSchema& schema, IndexKind kind,
                   const std::function<void(const VectorDef&, const VectorColumn&, uint32_t rows)>& visit) {
  const uint32_t rows = growing.rows().size();
  for (const VectorDef& vector : schema.vectors) {
    const VectorColumn* column = growing.Vector(vector.number);
    if (column == nullptr || schema.KindOf(vector) != kind) continue;
    const std::shared_ptr<const ColumnIndex> index = column->index();
    // What was begun otherwise goes on so until it is sealed.
    if (kind == IndexKind::kIvf ? index->graph != nullptr : index->lists != nullptr) continue;
    visit(vector, *column, rows);
  }
}

}  // namespace

std::optional<TaskChoice> ChooseListing(const SegmentList& segments, const TableSchema& schema) {
  std::optional<TaskChoice> longest;
  for (const auto& segment : segments) {
    if (segment->kind() != SegmentKind::kGrowing) continue;
    ForEachColumn(*segment, schema, IndexKind::kIvf,
                  [&](const VectorDef& vector, const VectorColumn& column, uint32_t rows) {
                    const uint32_t indexed = column.indexed(), tail = rows - indexed;
                    // Scans answer exactly, which matters where there is nothing else yet.
                    const bool wanted =
                        schema.WantsIndex(vector, rows) || (rows >= kListedRowsMin && AnyIndexed(segments, vector));
                    if (!wanted || tail < std::max(kListTailRowsMin, indexed / kListTailShare)) return;
                    if (longest && longest->rows >= tail) return;
                    longest = TaskChoice{TaskKind::kIndexTail, {segment}, tail, vector.number};
                  });
  }
  return longest;
}

std::optional<TaskChoice> ChooseBuild(const SegmentList& segments, const TableSchema& schema, Seq floor) {
  const SegmentList sealed = OfKind(segments, SegmentKind::kSealed);
  SegmentList lacking;
  for (const auto& segment : sealed) {
    if (LacksIndex(*segment, schema)) lacking.push_back(segment);
  }
  if (lacking.size() > 1 && RowsOf(lacking) <= schema.optimizer.segment_rows_max) {
    const uint64_t rows = RowsOf(lacking);
    return TaskChoice{.kind = TaskKind::kMerge, .inputs = std::move(lacking), .rows = rows};
  }
  for (const auto& segment : segments) {
    if (LacksIndex(*segment, schema) || FieldsDiffer(*segment, schema) || CodesDiffer(*segment, schema) ||
        MemoryDiffers(*segment, schema)) {
      return TaskChoice{.kind = TaskKind::kComplete, .inputs = {segment}, .rows = segment->rows().size()};
    }
  }
  for (const auto& segment : segments) {
    const bool too_dead =
        segment->kind() == SegmentKind::kSealed &&
        (DeadShare(*segment) > schema.optimizer.deleted_threshold || IsStale(*segment, schema, floor));
    const bool other_graph = IndexDiffers(*segment, schema);
    const bool past = segment->kind() == SegmentKind::kHistory && AllGone(*segment, floor);
    if (too_dead || other_graph || past) {
      return TaskChoice{.kind = TaskKind::kVacuum, .inputs = {segment}, .rows = segment->rows().size()};
    }
  }
  if (auto merge = ChooseMerge(sealed, schema.optimizer.segment_rows_max)) return merge;
  if (auto merge = ChooseMerge(OfKind(segments, SegmentKind::kHistory), kHistoryRowsMax)) return merge;
  for (const auto& segment : segments) {
    if (!TenantsDiffer(*segment, schema)) continue;
    return TaskChoice{.kind = TaskKind::kComplete, .inputs = {segment}, .rows = segment->rows().size()};
  }

  std::optional<TaskChoice> choice;
  if (segments.empty() || segments.back()->kind() != SegmentKind::kGrowing) return choice;
  ForEachColumn(*segments.back(), schema, IndexKind::kHnsw,
                [&](const VectorDef& vector, const VectorColumn& column, uint32_t rows) {
                  const uint32_t tail = rows - column.indexed();
                  if (!schema.WantsIndex(vector, rows) || tail < kTailRowsMin) return;
                  choice = TaskChoice{TaskKind::kIndexTail, {segments.back()}, tail, vector.number};
                });
  return choice;
}

std::optional<TaskChoice> ChooseCalibration(const SegmentList& segments, const QuerySamples* samples) {
  for (const auto& segment : segments) {
    for (const auto& [number, column] : segment->parts().vectors) {
      if (RecallIsDue(*segment, number, samples)) {
        return TaskChoice{.kind = TaskKind::kCalibrate, .inputs = {segment}, .rows = segment->rows().size()};
      }
    }
  }
  return std::nullopt;
}

}  // namespace lineal::engine
