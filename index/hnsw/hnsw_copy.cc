// A graph carried over to new row numbers: what a merge of segments starts from. A node that lost neighbours chooses
// again among those it still has and the neighbours of the lost ones.
#include <algorithm>
#include <atomic>

#include "base/check.h"
#include "base/status.h"
#include "index/hnsw/growing_hnsw_index.h"

namespace lineal::index {
namespace {

class GraphCopy {
 public:
  GraphCopy(const GraphIndex& from, std::span<const LocalId> new_ids, GrowingHnswIndex* to)
      : from_(from.view()), new_ids_(new_ids), index_(*to), to_(to->graph()) {}

  void AllocateNodes() {
    EntryPoint entry;
    for (uint32_t old = 0; old < from_.capacity; ++old) {
      if (!Kept(old)) continue;
      to_.AllocateAt(NewId(old), from_.StateOf(old).level());
      to_.SetPresent(NewId(old));
      index_.NoteLength(NewId(old));
      const uint32_t level = to_.view().StateOf(NewId(old)).level();
      if (entry.empty() || level > entry.level) entry = {NewId(old) + 1, level};
    }
    to_.SetEntry(entry);
  }

  void CopyLinks(uint32_t old, NeighborSelection* selection) {
    if (!Kept(old)) return;
    const uint32_t levels = to_.view().StateOf(NewId(old)).level();
    for (uint32_t level = 0; level <= levels; ++level) CopyList(old, level, selection);
  }

 private:
  bool Kept(uint32_t old) const {
    return old < new_ids_.size() && new_ids_[old] != kNoLocal && from_.StateOf(old).present();
  }
  uint32_t NewId(uint32_t old) const { return Raw(new_ids_[old]); }

  static std::vector<uint32_t> Links(const GraphView& graph, uint32_t id, uint32_t level) {
    std::vector<uint32_t> ids;
    const uint32_t* links = graph.Links(id, level);
    for (uint32_t i = 0; i < graph.MaxLinks(level) && links[i] != 0; ++i) ids.push_back(links[i] - 1);
    return ids;
  }

  void CopyList(uint32_t old, uint32_t level, NeighborSelection* selection) {
    std::vector<uint32_t> ids;
    bool lost = false;
    for (uint32_t neighbor : Links(from_, old, level)) {
      if (Kept(neighbor)) {
        ids.push_back(NewId(neighbor));
        continue;
      }
      lost = true;
      for (uint32_t beyond : Links(from_, neighbor, level)) {
        if (beyond != old && Kept(beyond)) ids.push_back(NewId(beyond));
      }
    }
    if (!lost) return to_.StoreLinks(NewId(old), level, ids);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    to_.StoreLinks(NewId(old), level,
                   selection->Choose(NewId(old), ids, to_.view().MaxLinks(level), index_.links_by_score()));
  }

  const GraphView& from_;
  const std::span<const LocalId> new_ids_;
  GrowingHnswIndex& index_;
  GrowingGraph& to_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HnswIndex>> HnswIndex::CopyRemapped(const HnswIndex& from,
                                                                   std::span<const LocalId> new_ids, RowView rows,
                                                                   uint32_t capacity, const InsertOptions& options) {
  const auto& source = static_cast<const GraphIndex&>(from);
  for (LocalId id : new_ids) {
    if (id != kNoLocal && Raw(id) >= capacity) {
      return InvalidArgument("a row is carried over to ", Raw(id), ", the capacity is ", capacity);
    }
  }
  auto copy = std::make_unique<GrowingHnswIndex>(source.format(), source.params(), rows, capacity);
  GraphCopy work(source, new_ids, copy.get());
  work.AllocateNodes();

  std::atomic<bool> stopped{false};
  const auto over_all = [&](uint32_t count, const std::function<void(uint32_t, GrowingHnswIndex::Worker*)>& task) {
    constexpr uint32_t kShare = 1'024;
    const auto share = [&](size_t i) {
      if (options.cancelled != nullptr && options.cancelled->load(std::memory_order_relaxed)) stopped = true;
      if (stopped) return;
      GrowingHnswIndex::Worker worker = copy->MakeWorker();
      const auto begin = static_cast<uint32_t>(i * kShare);
      for (uint32_t id = begin; id < std::min(begin + kShare, count); ++id) task(id, &worker);
    };
    const size_t shares = (count + kShare - 1) / kShare;
    if (options.executor != nullptr && options.parallelism > 1) return options.executor->ParallelFor(shares, share);
    for (size_t i = 0; i < shares; ++i) share(i);
  };
  over_all(source.view().capacity, [&](uint32_t old, auto* worker) { work.CopyLinks(old, &worker->selection); });
  // Whom the repair left on an island is found out by searching; that costs a small part of building anew.
  over_all(copy->id_bound(), [&](uint32_t id, auto* worker) { copy->EnsureFound(id, worker); });
  if (stopped) return absl::CancelledError("the copy was told to stop");
  return copy;
}

}  // namespace lineal::index
