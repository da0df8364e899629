#include <algorithm>
#include <atomic>
#include <limits>

#include "base/status.h"
#include "index/hnsw/growing_hnsw_index.h"

namespace lineal::index {
namespace {

// The first nodes come one by one: threads that insert into an almost empty graph do not see each other's.
constexpr uint64_t kSerialUntil = 256;
// Squared lengths within a tenth are as good as equal: then the inner product orders as L2 does.
constexpr float kLengthsVaryFrom = 1.1f;

}  // namespace

GrowingHnswIndex::GrowingHnswIndex(const RowFormat& format, const HnswParams& params, RowView rows, uint32_t capacity)
    : GraphIndex(format, params, rows, capacity),
      link_format_(LinkFormat(format)),
      shortest_(std::numeric_limits<float>::infinity()),
      longest_(0),
      graph_(params.m, params.seed, capacity) {}

absl::Status GrowingHnswIndex::Insert(std::span<const LocalId> ids, const InsertOptions& options) {
  const auto cancelled = [&] {
    return options.cancelled != nullptr && options.cancelled->load(std::memory_order_relaxed);
  };
  std::atomic<size_t> next{0};
  const auto insert = [&](bool serial) {
    Worker worker = MakeWorker();
    while ((!serial || size() < kSerialUntil) && !cancelled()) {
      const size_t i = next.fetch_add(1, std::memory_order_relaxed);
      if (i >= ids.size()) return;
      InsertOne(Raw(ids[i]), &worker);
      if (options.progress != nullptr) options.progress->fetch_add(1, std::memory_order_relaxed);
    }
  };
  std::atomic<size_t> next_checked{0};
  const auto check = [&] {
    Worker worker = MakeWorker();
    for (size_t i; !cancelled() && (i = next_checked.fetch_add(1, std::memory_order_relaxed)) < ids.size();) {
      EnsureFound(Raw(ids[i]), &worker);
    }
  };
  insert(/*serial=*/true);
  if (options.executor != nullptr && options.parallelism > 1) {
    const size_t threads = std::min(options.parallelism, ids.size());
    options.executor->ParallelFor(threads, [&](size_t) { insert(false); });
    options.executor->ParallelFor(threads, [&](size_t) { check(); });
  } else {
    insert(false);
    check();
  }
  return cancelled() ? absl::CancelledError("insertion was told to stop") : absl::OkStatus();
}

void GrowingHnswIndex::InsertOne(uint32_t id, Worker* worker) {
  if (id < graph_.capacity() && view().StateOf(id).present()) return;
  const uint32_t level = graph_.Allocate(id);
  std::unique_lock lock(entry_mutex_, std::defer_lock);
  EntryPoint entry = view().Entry();
  if (entry.empty() || level > entry.level) {
    lock.lock();
    entry = view().Entry();
    if (!entry.empty() && level <= entry.level) lock.unlock();
  }
  for (uint32_t l = 0; l <= level; ++l) {
    worker->selected[l].clear();
    worker->by_score[l].clear();
  }
  NoteLength(id);
  if (!entry.empty()) ChooseNeighbors(id, level, entry, worker);
  if (!entry.empty() && links_by_score()) ChooseByScore(id, level, entry, worker);
  // The node's own lists are complete on every layer before anyone can reach it.
  for (uint32_t l = 0; l <= level; ++l) {
    std::vector<uint32_t>& links = worker->ids;
    links = worker->selected[l];
    for (uint32_t other : worker->by_score[l]) {
      if (std::find(links.begin(), links.end(), other) == links.end()) links.push_back(other);
    }
    if (links.size() > view().MaxLinks(l)) links.resize(view().MaxLinks(l));
    graph_.StoreLinks(id, l, links);
  }
  graph_.SetPresent(id);
  for (uint32_t l = 0; l <= level; ++l) {
    for (uint32_t neighbor : worker->selected[l]) Connect(neighbor, id, l, worker);
  }
  if (entry.empty() || level > entry.level) graph_.SetEntry({id + 1, level});
}

void GrowingHnswIndex::ChooseNeighbors(uint32_t id, uint32_t level, EntryPoint entry, Worker* worker) {
  WalkTowards(id, worker, [&](auto& layer) {
    layer.Descend(entry, level, params_.ef_construct);
    for (uint32_t l = std::min(level, entry.level) + 1; l-- > 0;) {
      layer.Explore(l, params_.ef_construct, Deadline(), kFollowNothing);
      TakeCandidates(id, worker);
      layer.StartFromBeam(worker->scratch->beam.size());
      const size_t max = l > 0 && links_by_score() ? params_.m - params_.m / 4 : params_.m;
      const std::span<const uint32_t> selected = worker->selection.Select(worker->candidates, max);
      worker->selected[l].assign(selected.begin(), selected.end());
    }
  });
}

void GrowingHnswIndex::TakeCandidates(uint32_t id, Worker* worker) const {
  const Beam& beam = worker->scratch->beam;
  worker->candidates.clear();
  for (size_t i = 0; i < beam.size(); ++i) {
    if (beam.at(i).id != id) worker->candidates.push_back(beam.at(i));
  }
}

void GrowingHnswIndex::ChooseByScore(uint32_t id, uint32_t level, EntryPoint entry, Worker* worker) {
  const Query query = Query::FromRow(format_, rows_.at(LocalId{id}));
  LayerSearch layer(view(), RowMeasure(rows_, query.distance(), query.prepared()), has_removed(), &*worker->scratch);
  layer.Descend(entry, level, params_.ef_construct);
  for (uint32_t l = std::min(level, entry.level) + 1; l-- > 0;) {
    layer.Explore(l, params_.ef_construct, Deadline(), kFollowNothing);
    TakeCandidates(id, worker);
    layer.StartFromBeam(worker->scratch->beam.size());
    const std::span<const uint32_t> selected =
        worker->selection.SelectByScore(worker->candidates, view().MaxLinks(l) / 4);
    worker->by_score[l].assign(selected.begin(), selected.end());
  }
}

void GrowingHnswIndex::NoteLength(uint32_t id) {
  if (format_.distance != Distance::kDot || links_by_score()) return;
  const std::byte* row = rows_.at(LocalId{id});
  const float square = -DistanceBetween(format_, row, row);
  float shortest = shortest_.load(std::memory_order_relaxed), longest = longest_.load(std::memory_order_relaxed);
  while (square < shortest && !shortest_.compare_exchange_weak(shortest, square, std::memory_order_relaxed)) {
  }
  while (square > longest && !longest_.compare_exchange_weak(longest, square, std::memory_order_relaxed)) {
  }
  if (std::max(square, longest) > std::min(square, shortest) * kLengthsVaryFrom) {
    lengths_vary_.store(true, std::memory_order_relaxed);
  }
}

void GrowingHnswIndex::Connect(uint32_t from, uint32_t to, uint32_t level, Worker* worker) {
  std::lock_guard lock(graph_.LockOf(from));
  uint32_t* links = graph_.MutableLinks(from, level);
  const uint32_t max = view().MaxLinks(level);
  std::vector<uint32_t>& ids = worker->ids;
  ids.clear();
  bool dropped = false;
  for (uint32_t i = 0; i < max && links[i] != 0; ++i) {
    const uint32_t id = links[i] - 1;
    if (id == to) return;
    if (has_removed() && !view().StateOf(id).present()) {
      dropped = true;
    } else {
      ids.push_back(id);
    }
  }
  if (ids.size() < max && !dropped) {
    graph_.AppendLink(from, level, static_cast<uint32_t>(ids.size()), to);
    return;
  }
  ids.push_back(to);
  if (ids.size() <= max) {
    graph_.StoreLinks(from, level, ids);
  } else {
    Reselect(from, level, worker);
  }
}

bool GrowingHnswIndex::LinksTo(uint32_t from, uint32_t to) const {
  const uint32_t* links = view().BottomLinks(from);
  return std::find(links, links + view().bottom_max, to + 1) != links + view().bottom_max;
}

void GrowingHnswIndex::Reselect(uint32_t from, uint32_t level, Worker* worker) {
  const uint32_t max = view().MaxLinks(level);
  std::vector<uint32_t>& chosen = worker->chosen;
  chosen = worker->selection.Choose(from, worker->ids, max, links_by_score());
  if (level == 0) {
    const size_t best = chosen.size();
    size_t replaced = 0;
    for (const Candidate& candidate : worker->selection.ranked()) {
      const uint32_t others = graph_.InDegree(candidate.id) - LinksTo(from, candidate.id);
      if (others > 0 || std::find(chosen.begin(), chosen.begin() + best, candidate.id) != chosen.begin() + best)
        continue;
      if (chosen.size() < max) {
        chosen.push_back(candidate.id);
      } else if (replaced < best / 2) {
        chosen[best - ++replaced] = candidate.id;
      }
    }
  }
  graph_.StoreLinks(from, level, chosen);
}

}  // namespace lineal::index
