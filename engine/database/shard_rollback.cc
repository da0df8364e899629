#include "engine/database/shard_rollback.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "engine/database/shard_diff.h"
#include "engine/shard/origin_record.h"
#include "engine/shard/row_record.h"

namespace lineal::engine {
namespace {

constexpr size_t kPointsAnEntry = 1'000;
constexpr size_t kPointsPerLook = 256;

// One change of a point.
struct Touch {
  Seq seq;
  bool by_run;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ShardRollback>> ShardRollback::Make(Shard* shard, const Deadline& deadline) {
  LINEAL_ASSIGN_OR_RETURN(auto now, shard->View(std::nullopt));
  return std::unique_ptr<ShardRollback>(new ShardRollback(shard, std::move(now), deadline));
}

absl::Status ShardRollback::Restore(const PointId& id, const ShardView& view, OriginRead* origins) {
  const std::optional<RowPlace> place = view.FindPoint(id);
  LINEAL_RETURN_IF_ERROR(view.status());
  if (!place) {
    removals_.push_back(id);
    ++removed_;
    return absl::OkStatus();
  }
  LINEAL_ASSIGN_OR_RETURN(const PointOrigin origin, origins->Of(*place));
  Group& group = groups_[EncodeContext(origin.context)];
  group.context = origin.context;
  OpPoint point;
  point.id = id;
  LINEAL_ASSIGN_OR_RETURN(std::string payload, PayloadBytes(view, place->row()));
  point.payload = bytes_.emplace_back(std::move(payload));
  LINEAL_ASSIGN_OR_RETURN(std::string row, view.store().GetRow(place->row()));
  LINEAL_ASSIGN_OR_RETURN(RowRecord record, DecodeRowRecord(bytes_.emplace_back(std::move(row))));
  // A vector that the collection no longer has is gone for good.
  std::erase_if(record.vectors, [&](const StoredVector& vector) {
    return std::ranges::none_of(now_->schema().vectors,
                                [&](const VectorDef& known) { return known.number == vector.number; });
  });
  point.vectors = std::move(record.vectors);
  if (origin.source) {
    const auto known = std::ranges::find(group.sources, origin.source->source);
    point.source = static_cast<uint32_t>(known - group.sources.begin()) + 1;
    point.ordinal = origin.source->ordinal;
    if (known == group.sources.end()) group.sources.push_back(origin.source->source);
  }
  group.points.push_back(std::move(point));
  ++restored_;
  return absl::OkStatus();
}

absl::Status ShardRollback::To(Seq seq) {
  LINEAL_ASSIGN_OR_RETURN(const auto view, shard_->View(seq));
  OriginRead origins(*view);
  ShardDiff diff(*view, *now_);
  LINEAL_ASSIGN_OR_RETURN(const std::vector<PointId> touched, diff.Touched());
  for (size_t i = 0; i < touched.size(); ++i) {
    if (i % kPointsPerLook == 0) LINEAL_RETURN_IF_ERROR(deadline_.Check());
    PointOrigin shown;
    LINEAL_ASSIGN_OR_RETURN(const std::optional<PointChange> change, diff.Compare(touched[i], &shown));
    if (change) LINEAL_RETURN_IF_ERROR(Restore(touched[i], *view, &origins));
  }
  return absl::OkStatus();
}

absl::Status ShardRollback::Undo(const std::string& run) {
  OriginRead origins(*now_);
  absl::flat_hash_map<uint32_t, bool> of_run;  // contexts looked at so far
  absl::flat_hash_map<PointId, std::vector<Touch>> touches;
  absl::Status failure;
  const auto is_run = [&](uint32_t context) {
    const auto [it, fresh] = of_run.try_emplace(context, false);
    if (fresh && context != 0) {
      const absl::StatusOr<IngestContext> found = origins.Context(context);
      failure.Update(found.status());
      it->second = found.ok() && found->run == run;
    }
    return it->second;
  };
  const auto each_point = [&](const storage::ChangeRecord& change, const auto& visit) {
    for (const auto* rows : {&change.born, &change.died, &change.payload_changed}) {
      for (const RowId row : *rows) {
        if (const auto place = now_->Find(row)) visit(place->segment->rows().point(place->local));
      }
    }
  };
  // What the run changed first, then all changes of those points. What is older than the floor cannot be put back.
  LINEAL_RETURN_IF_ERROR(now_->store().ScanChanges(Seq{1}, [&](Seq, const storage::ChangeRecord& change) {
    if (is_run(change.context)) each_point(change, [&](const PointId& id) { touches[id]; });
    return failure.ok();
  }));
  LINEAL_RETURN_IF_ERROR(failure);
  LINEAL_RETURN_IF_ERROR(deadline_.Check());
  LINEAL_RETURN_IF_ERROR(now_->store().ScanChanges(Seq{1}, [&](Seq seq, const storage::ChangeRecord& change) {
    const bool by_run = is_run(change.context);
    each_point(change, [&](const PointId& id) {
      const auto point = touches.find(id);
      if (point == touches.end()) return;
      if (point->second.empty() || point->second.back().seq != seq) point->second.push_back({seq, by_run});
    });
    return failure.ok();
  }));
  LINEAL_RETURN_IF_ERROR(failure);
  // What it wrote before that, and nobody since, would stay.
  std::optional<PointId> lost;
  OriginSelector of;
  of.context.run = run;
  LINEAL_RETURN_IF_ERROR(origins.ForEach(of, {}, [&](const RowPlace& place, const OriginRead::Cursor&) {
    const PointId id = place.segment->rows().point(place.local);
    if (!touches.contains(id)) lost = id;
    return !lost;
  }));
  if (lost) {
    return OutOfRange("run `", run, "` wrote point ", lost->ToString(),
                      " before the history window: what was there before is no longer kept");
  }
  std::map<Seq, std::vector<PointId>> by_state;
  for (const auto& [id, changes] : touches) {
    size_t first = changes.size();
    while (first > 0 && changes[first - 1].by_run) --first;
    if (first == changes.size()) {
      ++kept_;
    } else {
      by_state[Seq{Raw(changes[first].seq) - 1}].push_back(id);
    }
  }
  for (auto& [seq, points] : by_state) {
    LINEAL_RETURN_IF_ERROR(deadline_.Check());
    // There was nothing before the first entry.
    if (seq == kNoSeq) {
      removed_ += points.size();
      removals_.insert(removals_.end(), points.begin(), points.end());
      continue;
    }
    std::ranges::sort(points);
    LINEAL_ASSIGN_OR_RETURN(const auto view, shard_->View(seq));
    OriginRead then(*view);
    for (const PointId& id : points) LINEAL_RETURN_IF_ERROR(Restore(id, *view, &then));
  }
  return absl::OkStatus();
}

std::vector<ContextCount> ShardRollback::contexts() const {
  std::vector<ContextCount> out;
  for (const auto& [key, group] : groups_) out.push_back({group.context, group.points.size()});
  return out;
}

std::vector<std::string> ShardRollback::Entries(const IngestContext& of_removals) const {
  std::vector<std::string> entries;
  for (const auto& [key, group] : groups_) {
    for (size_t begin = 0; begin < group.points.size(); begin += kPointsAnEntry) {
      const size_t end = std::min(begin + kPointsAnEntry, group.points.size());
      ShardOps ops{group.context, group.sources, {}};
      ops.ops.push_back(UpsertOp{
          {group.points.begin() + static_cast<ptrdiff_t>(begin), group.points.begin() + static_cast<ptrdiff_t>(end)}});
      entries.push_back(EncodeOps(ops));
    }
  }
  for (size_t begin = 0; begin < removals_.size(); begin += kPointsAnEntry) {
    const size_t end = std::min(begin + kPointsAnEntry, removals_.size());
    ShardOps ops{of_removals, {}, {}};
    ops.ops.push_back(DeleteOp{std::vector<PointId>(removals_.begin() + static_cast<ptrdiff_t>(begin),
                                                    removals_.begin() + static_cast<ptrdiff_t>(end))});
    entries.push_back(EncodeOps(ops));
  }
  return entries;
}

}  // namespace lineal::engine
