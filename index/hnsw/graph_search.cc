#include <algorithm>
#include <limits>
#include <utility>

#include "index/hnsw/graph_index.h"
#include "index/hnsw/layer_search.h"
#include "index/quantizers/code_query.h"
#include "index/quantizers/rescore.h"

namespace lineal::index {
namespace {

// Wider than this, moving the entries of one sorted array costs more than heaps do.
constexpr size_t kSortedBeamMax = 2'048;

}  // namespace

bool GraphIndex::Contains(LocalId id) const { return Raw(id) < view().capacity && view().StateOf(Raw(id)).present(); }

template <class Measure>
std::vector<Neighbor> GraphIndex::Walk(EntryPoint entry, const Measure& measure, const SearchParams& params) const {
  // Never wider than the graph, whatever limit a request names.
  const size_t width = std::min<size_t>(std::max(params.ef_search, params.top_k), id_bound());
  const ScratchPool::Lease scratch = scratches_.Take();
  LayerSearch layer(view(), measure, has_removed(), &*scratch);
  if (params.left_out) layer.LeaveOut(Raw(*params.left_out));
  scratch->hops = scratch->distances_computed = 0;
  layer.Descend(entry, 0, width);
  std::vector<Neighbor> found;
  if (params.acceptor == nullptr && width <= kSortedBeamMax) {
    layer.Explore(0, width, params.deadline, kFollowNothing);
    const Beam& beam = scratch->beam;
    found.reserve(beam.size());
    for (size_t i = 0; i < beam.size(); ++i) found.push_back({beam.at(i).distance, LocalId{beam.at(i).id}});
  } else {
    const bool limited = params.hops_max > 0 && params.work != nullptr;
    const bool ended = layer.ExploreAccepted(
        width, limited ? params.hops_max : std::numeric_limits<uint64_t>::max(), params.deadline,
        [&](uint32_t id) { return params.acceptor == nullptr || params.acceptor->Accepts(LocalId{id}); });
    if (limited) params.work->gave_up = !ended;
    found.reserve(scratch->accepted.size());
    for (const Candidate& candidate : scratch->accepted) found.push_back({candidate.distance, LocalId{candidate.id}});
  }
  std::sort(found.begin(), found.end());
  if (params.work != nullptr) {
    params.work->hops += scratch->hops;
    (Measure::kByCodes ? params.work->by_codes : params.work->by_rows) += scratch->distances_computed;
  }
  return found;
}

std::vector<Neighbor> GraphIndex::SearchFrom(EntryPoint entry, const Query& query, const SearchParams& params) const {
  if (codes_ != nullptr && params.use_codes) {
    return ByKind(*codes_, query, [&](const auto& code_query) -> std::vector<Neighbor> {
      std::vector<Neighbor> found = Walk(entry, CodeMeasure(code_query), params);
      if (params.work != nullptr && params.work->gave_up) return {};
      return AnswersOf(code_query, query, rows_, std::move(found), params);
    });
  }
  auto found = Walk(entry, RowMeasure(rows_, query.distance(), query.prepared()), params);
  if (found.size() > params.top_k) found.resize(params.top_k);
  return found;
}

std::vector<Neighbor> GraphIndex::Search(const Query& query, const SearchParams& params) const {
  if (params.top_k == 0 || params.deadline.Expired()) return {};
  for (EntryPoint entry = view().Entry();;) {
    if (entry.empty()) return {};
    std::vector<Neighbor> found = SearchFrom(entry, query, params);
    // A search that began at a node just being removed may have found no way on.
    const EntryPoint now = view().Entry();
    if (params.work != nullptr && params.work->gave_up) return {};
    if (found.size() >= params.top_k || now.Pack() == entry.Pack() || params.deadline.Expired()) return found;
    entry = now;
  }
}

}  // namespace lineal::index
