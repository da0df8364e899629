// What changed between two states of a collection.
#include <algorithm>
#include <map>
#include <tuple>

#include "base/status.h"
#include "engine/database/local_call.h"
#include "engine/database/local_collection.h"
#include "engine/database/shard_diff.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kDiffPointsMax = 100'000;
constexpr size_t kPointsPerLook = 256;

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
