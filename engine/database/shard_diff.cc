#include "engine/database/shard_diff.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "engine/shard/row_record.h"

namespace lineal::engine {

absl::StatusOr<std::string> PayloadBytes(const ShardView& view, RowId row) {
  LINEAL_ASSIGN_OR_RETURN(auto version, view.store().GetPayload(row, view.at()));
  return version ? std::move(version->value) : std::string();
}

absl::StatusOr<std::vector<PointId>> ShardDiff::Touched() const {
  absl::flat_hash_set<PointId> touched;
  const auto add = [&](const std::vector<RowId>& rows) {
    for (const RowId row : rows) {
      const auto place = to_.Find(row);
      // A row that began and ended between the two may be gone; what came before it, or after, is not.
      if (place) touched.insert(place->segment->rows().point(place->local));
    }
  };
  LINEAL_RETURN_IF_ERROR(to_.store().ScanChanges(Next(from_.at()), [&](Seq seq, const storage::ChangeRecord& change) {
    if (seq > to_.at()) return false;
    add(change.born);
    add(change.died);
    add(change.payload_changed);
    return true;
  }));
  std::vector<PointId> points(touched.begin(), touched.end());
  std::sort(points.begin(), points.end());
  return points;
}

absl::StatusOr<std::optional<PointChange>> ShardDiff::Compare(const PointId& id, PointOrigin* shown) {
  const std::optional<RowPlace> before = from_.FindPoint(id), after = to_.FindPoint(id);
  LINEAL_RETURN_IF_ERROR(from_.status());
  LINEAL_RETURN_IF_ERROR(to_.status());
  if (!before && !after) return std::nullopt;
  PointOrigin origin_before, origin_after;
  if (before) {
    LINEAL_ASSIGN_OR_RETURN(origin_before, from_origins_.Of(*before));
  }
  if (after) {
    LINEAL_ASSIGN_OR_RETURN(origin_after, to_origins_.Of(*after));
  }
  *shown = after ? origin_after : origin_before;
  if (!before) return PointChange::kAdded;
  if (!after) return PointChange::kRemoved;
  if (before->row() != after->row()) {
    LINEAL_ASSIGN_OR_RETURN(const bool same, SameVectors(before->row(), after->row()));
    if (!same) return PointChange::kVectors;
  }
  LINEAL_ASSIGN_OR_RETURN(const std::string payload_before, PayloadBytes(from_, before->row()));
  LINEAL_ASSIGN_OR_RETURN(const std::string payload_after, PayloadBytes(to_, after->row()));
  if (payload_before != payload_after) return PointChange::kPayload;
  if (!(origin_before.context == origin_after.context) || origin_before.source != origin_after.source) {
    return PointChange::kOrigin;
  }
  return std::nullopt;
}

absl::StatusOr<bool> ShardDiff::SameVectors(RowId a, RowId b) const {
  LINEAL_ASSIGN_OR_RETURN(const std::string bytes_a, to_.store().GetRow(a));
  LINEAL_ASSIGN_OR_RETURN(const std::string bytes_b, to_.store().GetRow(b));
  LINEAL_ASSIGN_OR_RETURN(RowRecord of_a, DecodeRowRecord(bytes_a));
  LINEAL_ASSIGN_OR_RETURN(RowRecord of_b, DecodeRowRecord(bytes_b));
  const auto by_number = [](const StoredVector& x, const StoredVector& y) { return x.number < y.number; };
  std::sort(of_a.vectors.begin(), of_a.vectors.end(), by_number);
  std::sort(of_b.vectors.begin(), of_b.vectors.end(), by_number);
  return std::equal(of_a.vectors.begin(), of_a.vectors.end(), of_b.vectors.begin(), of_b.vectors.end(),
                    [](const StoredVector& x, const StoredVector& y) {
                      return x.number == y.number && x.norm == y.norm && x.row == y.row;
                    });
}

}  // namespace lineal::engine
