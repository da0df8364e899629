#include "engine/segment/column_index.h"

#include <algorithm>

#include "base/status.h"
#include "index/quantizers/sq8_codes.h"

namespace lineal::engine {
namespace {

// Rows come while lists are made anew, and are scanned until that is done: seldom, and from few.
constexpr uint32_t kTimesBeforeAnew = 4;
constexpr uint32_t kSamplePerList = 16;

}  // namespace

std::pair<uint32_t, uint32_t> ColumnIndex::Shape() const {
  if (lists != nullptr) return {0, lists->lists()};
  return {graph->params().m, graph->params().ef_construct};
}

std::vector<index::Neighbor> ColumnIndex::Search(const index::Query& query, const index::SearchParams& params) const {
  return lists != nullptr ? lists->Search(query, params) : graph->Search(query, params);
}

absl::StatusOr<std::shared_ptr<const ColumnIndex>> GrowLists(const ColumnIndex& before, const GrowingSource& source,
                                                             uint32_t upto, const index::IvfBuildOptions& options) {
  const bool anew = before.lists == nullptr || upto / kTimesBeforeAnew >= before.trained;
  auto after = std::make_shared<ColumnIndex>();
  after->indexed = upto;
  after->trained = anew ? upto : before.trained;
  index::IvfParams params;
  params.seed = source.seed;
  params.lists = index::IvfIndex::ListsFor(std::min(uint64_t{kTimesBeforeAnew} * upto, uint64_t{source.capacity}));
  params.sample_per_list = kSamplePerList;
  if (!anew) params.like = before.lists.get();
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<index::IvfIndex> lists,
                          index::IvfIndex::Build(source.format, params, source.rows, upto, source.has, options));
  const WorkingMemory::Part lists_held(options.working, lists->memory_bytes());
  if (source.with_codes) {
    const auto* codes = static_cast<const index::Sq8Codes*>(before.codes.get());
    after->codes = anew || codes == nullptr
                       ? index::Sq8Codes::BuildGrowing(source.format, source.rows, upto, source.capacity, source.has)
                       : codes->Extend(source.rows, upto, source.has);
  }
  const WorkingMemory::Part codes_held(options.working, anew && after->codes ? after->codes->memory_bytes() : 0);
  lists->AttachCodes(after->codes);
  after->lists = std::move(lists);
  return after;
}

}  // namespace lineal::engine
