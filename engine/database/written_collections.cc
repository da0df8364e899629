// Which collections a run wrote: what its OpenLineage events say.
#include <algorithm>

#include "base/status.h"
#include "engine/database/local_database.h"

namespace lineal::engine {
namespace {

absl::StatusOr<uint64_t> PointsOfRun(Collection& collection, const std::string& run) {
  LINEAL_ASSIGN_OR_RETURN(const std::vector<ContextCount> counts, collection.CountByContext());
  uint64_t points = 0;
  for (const ContextCount& count : counts) {
    if (count.context.run == run) points += count.points;
  }
  return points;
}

}  // namespace

absl::StatusOr<std::vector<WrittenCollection>> LocalDatabase::WrittenBy(const std::string& run) {
  std::vector<WrittenCollection> written;
  LINEAL_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListCollections());
  for (const std::string& name : names) {
    const auto collection = GetCollection(name);
    if (!collection.ok()) continue;  // dropped meanwhile
    LINEAL_ASSIGN_OR_RETURN(const uint64_t points, PointsOfRun(**collection, run));
    if (points == 0) continue;
    LINEAL_ASSIGN_OR_RETURN(const CollectionInfo info, (*collection)->Info());
    WrittenCollection one{.name = name, .points = points};
    for (const Seq seq : info.seqs) one.seqs.push_back(Raw(seq));
    LINEAL_ASSIGN_OR_RETURN(const std::vector<Revision> newest, (*collection)->Revisions(1));
    if (!newest.empty() && newest.front().seqs == info.seqs) {
      one.revision = newest.front().number;
      one.tags = newest.front().tags;
    }
    for (const auto& [vector, schema] : info.schema.vectors) {
      if (schema.space.empty()) continue;
      auto space = lineage_->spaces().Find(schema.space);
      if (space.ok()) one.spaces.push_back({vector, *std::move(space)});
    }
    written.push_back(std::move(one));
  }
  return written;
}

}  // namespace lineal::engine
