// What changed between two states of a collection.
#include <algorithm>
#include <map>
#include <tuple>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "engine/database/local_call.h"
#include "engine/database/local_collection.h"
#include "engine/shard/origin_read.h"
#include "engine/shard/row_record.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kDiffPointsMax = 100'000;
constexpr size_t kPointsPerLook = 256;

// Of one shard.
class ShardDiff {
 public:
  ShardDiff(const ShardView& from, const ShardView& to) : from_(from), to_(to), from_origins_(from), to_origins_(to) {}

  // Points of which any row began, ended or got another payload between the two.
  absl::StatusOr<std::vector<PointId>> Touched() const {
    absl::flat_hash_set<PointId> touched;
    absl::Status failure;
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

  // Nothing if both states are equal.
  absl::StatusOr<std::optional<PointChange>> Compare(const PointId& id, PointOrigin* shown) {
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
    LINEAL_ASSIGN_OR_RETURN(const std::string payload_before, Payload(from_, before->row()));
    LINEAL_ASSIGN_OR_RETURN(const std::string payload_after, Payload(to_, after->row()));
    if (payload_before != payload_after) return PointChange::kPayload;
    if (!(origin_before.context == origin_after.context) || origin_before.source != origin_after.source) {
      return PointChange::kOrigin;
    }
    return std::nullopt;
  }

 private:
  absl::StatusOr<bool> SameVectors(RowId a, RowId b) const {
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
  static absl::StatusOr<std::string> Payload(const ShardView& view, RowId row) {
    LINEAL_ASSIGN_OR_RETURN(auto version, view.store().GetPayload(row, view.at()));
    return version ? std::move(version->value) : std::string();
  }

  const ShardView& from_;
  const ShardView& to_;
  OriginRead from_origins_, to_origins_;
};

}  // namespace

absl::StatusOr<RevisionDiff> LocalCollection::Diff(const DiffRequest& request) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  if (request.limit > kDiffPointsMax) {
    return OutOfRange("limit: value ", request.limit, " invalid, must be at most ", kDiffPointsMax);
  }
  ReadOptions from{.as_of = request.from}, to{.as_of = request.to};
  LINEAL_ASSIGN_OR_RETURN(const auto from_views, Views(from));
  LINEAL_ASSIGN_OR_RETURN(const auto to_views, Views(to));
  RevisionDiff diff;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, RevisionDiff::Group> groups;
  for (size_t i = 0; i < shards_.size(); ++i) {
    if (from_views[i]->at() > to_views[i]->at()) {
      return InvalidArgument("`from` is newer than `to`: `", request.from, "`, `", request.to, "`");
    }
    diff.redacted += shards_[i]->redacted().Between(from_views[i]->at(), to_views[i]->at());
    ShardDiff shard(*from_views[i], *to_views[i]);
    LINEAL_ASSIGN_OR_RETURN(const std::vector<PointId> touched, shard.Touched());
    for (size_t p = 0; p < touched.size(); ++p) {
      if (p % kPointsPerLook == 0) LINEAL_RETURN_IF_ERROR(request.deadline.Check());
      PointOrigin origin;
      LINEAL_ASSIGN_OR_RETURN(const std::optional<PointChange> change, shard.Compare(touched[p], &origin));
      if (!change) continue;
      const SourceVersion source = origin.source ? origin.source->source : SourceVersion();
      RevisionDiff::Group& group =
          groups[{source.source_namespace, source.name, origin.context.run, origin.context.space}];
      group.source = {source.source_namespace, source.name, ""};
      group.run = origin.context.run;
      group.space = origin.context.space;
      switch (*change) {
        case PointChange::kAdded:
          ++diff.added, ++group.added;
          break;
        case PointChange::kRemoved:
          ++diff.removed, ++group.removed;
          break;
        case PointChange::kVectors:
          ++diff.vectors, ++group.changed;
          break;
        case PointChange::kPayload:
          ++diff.payload, ++group.changed;
          break;
        case PointChange::kOrigin:
          ++diff.origin, ++group.changed;
          break;
      }
      if (diff.points.size() < request.limit) diff.points.emplace_back(touched[p], *change);
    }
  }
  for (auto& [key, group] : groups) diff.groups.push_back(std::move(group));
  std::stable_sort(diff.groups.begin(), diff.groups.end(), [](const auto& a, const auto& b) {
    return a.added + a.removed + a.changed > b.added + b.removed + b.changed;
  });
  return diff;
}

}  // namespace lineal::engine
