// The walk over one layer of a graph towards a query: what search, insertion and removal have in common.
//
// Threads: a value of this type belongs to one walk; any number of walks run while the writer works.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/deadline.h"
#include "index/hnsw/graph_view.h"
#include "index/hnsw/search_scratch.h"
#include "index/quantizers/measure.h"
#include "index/vectors/prefetch.h"

namespace lineal::index {

template <class Measure>
class LayerSearch {
 public:
  // `skip_removed`: links may lead to nodes that were removed; they are passed over.
  LayerSearch(const GraphView& graph, const Measure& measure, bool skip_removed, SearchScratch* scratch)
      : graph_(graph), measure_(measure), skip_removed_(skip_removed), scratch_(scratch) {
    scratch->ids.resize(graph.bottom_max);
    scratch->rows.resize(graph.bottom_max);
    scratch->distances.resize(graph.bottom_max);
  }

  // Walks from now on pass over the node, unless they start at it.
  void LeaveOut(uint32_t id) { left_out_ = id; }

  Candidate At(uint32_t id) const { return {measure_.One(id), id}; }

  // Makes the nearest nodes of the layer above `stop` the starts of what follows, coming down from the entry point. A
  // few at a time, more if the search to follow is wide: one alone gets caught in the wrong cluster.
  void Descend(EntryPoint entry, uint32_t stop, size_t width) {
    const size_t few = std::clamp<size_t>(width / 16, 2, 32);
    scratch_->starts.assign(1, At(entry.id()));
    ++scratch_->distances_computed;
    for (uint32_t level = entry.level; level > stop; --level) {
      Explore(level, few, Deadline(), [](uint32_t, const uint32_t*) {});
      StartFromBeam(few);
    }
  }

  // Makes the nearest of the beam the starts of what follows.
  void StartFromBeam(size_t count) {
    scratch_->starts.clear();
    for (size_t i = 0; i < std::min(count, scratch_->beam.size()); ++i)
      scratch_->starts.push_back(scratch_->beam.at(i));
  }

  // Fills the scratch's beam with the nearest nodes of the layer, `width` at most, from the starts. Calls
  // follow(id, links) for each node whose links it follows.
  template <class Follow>
  void Explore(uint32_t level, size_t width, const Deadline& deadline, const Follow& follow) {
    Beam& beam = scratch_->beam;
    VisitedSet& visited = scratch_->visited;
    beam.Reset(width);
    visited.Clear();
    if (left_out_ != kNobody) visited.Insert(left_out_);
    for (const Candidate& start : scratch_->starts) {
      visited.Insert(start.id);
      beam.Add(start.distance, start.id);
    }
    const uint32_t max = graph_.MaxLinks(level);
    for (uint32_t hops = 1; beam.HasNext(); ++hops) {
      if (hops % kHopsPerLook == 0 && deadline.Expired()) return;
      const uint32_t id = beam.TakeNext();
      const uint32_t* links = graph_.Links(id, level);
      if (beam.HasNext()) PrefetchLinks(beam.PeekNext(), level);
      follow(id, links);
      Batch(Gather(links, max, [&](uint32_t neighbor) { return visited.Insert(neighbor); }));
      float bound = beam.bound();
      for (size_t i = 0; i < batch_; ++i) {
        if (!(scratch_->distances[i] < bound)) continue;
        beam.Add(scratch_->distances[i], scratch_->ids[i]);
        bound = beam.bound();
      }
      if (beam.HasNext()) PrefetchLinks(beam.PeekNext(), level);
    }
  }

  // The same on the bottom layer for a filtered or a very wide search: walks through every node near enough, but keeps
  // in the scratch's `accepted` (a heap, farthest first) only those that accept(id) allows. False if it gave up after
  // `hops_max` nodes.
  template <class Accept>
  bool ExploreAccepted(size_t width, uint64_t hops_max, const Deadline& deadline, const Accept& accept) {
    const auto nearest_first = [](const Candidate& a, const Candidate& b) { return a.distance > b.distance; };
    const auto farthest_first = [](const Candidate& a, const Candidate& b) {
      return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
    };
    std::vector<Candidate>&open = scratch_->open, &accepted = scratch_->accepted;
    VisitedSet& visited = scratch_->visited;
    open.clear();
    accepted.clear();
    visited.Clear();
    if (left_out_ != kNobody) visited.Insert(left_out_);
    for (const Candidate& start : scratch_->starts) {
      visited.Insert(start.id);
      open.push_back(start);
      std::push_heap(open.begin(), open.end(), nearest_first);
      if (accepted.size() == width || !accept(start.id)) continue;
      accepted.push_back(start);
      std::push_heap(accepted.begin(), accepted.end(), farthest_first);
    }
    for (uint64_t hops = 1; !open.empty(); ++hops) {
      if (hops % kHopsPerLook == 0 && deadline.Expired()) return true;
      std::pop_heap(open.begin(), open.end(), nearest_first);
      const Candidate nearest = open.back();
      open.pop_back();
      if (accepted.size() == width && nearest.distance > accepted.front().distance) return true;
      if (hops > hops_max) return false;
      Batch(Gather(graph_.BottomLinks(nearest.id), graph_.bottom_max,
                   [&](uint32_t neighbor) { return visited.Insert(neighbor); }));
      for (size_t i = 0; i < batch_; ++i) {
        const Candidate candidate{scratch_->distances[i], scratch_->ids[i]};
        if (accepted.size() == width && !farthest_first(candidate, accepted.front())) continue;
        open.push_back(candidate);
        std::push_heap(open.begin(), open.end(), nearest_first);
        if (!accept(candidate.id)) continue;
        accepted.push_back(candidate);
        std::push_heap(accepted.begin(), accepted.end(), farthest_first);
        if (accepted.size() <= width) continue;
        std::pop_heap(accepted.begin(), accepted.end(), farthest_first);
        accepted.pop_back();
      }
      if (!open.empty()) PrefetchLinks(open.front().id, 0);
    }
    return true;
  }

 private:
  static constexpr uint32_t kNobody = 0xffffffff;
  // A hop costs some ten distances, so that a deadline is looked at every few hundred.
  static constexpr uint32_t kHopsPerLook = 32;
  // Rows on their way from memory while others are computed.
  static constexpr size_t kRowsAhead = 8;

  // Takes the neighbours that `want` into the batch and calls the first of their rows up from memory.
  template <class Want>
  size_t Gather(const uint32_t* links, uint32_t max, const Want& want) {
    size_t count = 0;
    for (uint32_t i = 0; i < max; ++i) {
      const uint32_t link = LoadLink(links + i);
      if (link == 0) break;
      const uint32_t id = link - 1;
      // Without a branch: whether a neighbour was met before is as good as random.
      scratch_->ids[count] = id;
      count += want(id);
    }
    if (skip_removed_) count = LeaveOutRemoved(count);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t id = scratch_->ids[i];
      const std::byte* row = measure_.Row(id);
      scratch_->rows[i] = row;
      if (i < kRowsAhead) measure_.Prefetch(id, row);
    }
    return count;
  }

  size_t LeaveOutRemoved(size_t count) {
    const auto begin = scratch_->ids.begin();
    const auto end = std::remove_if(begin, begin + static_cast<ptrdiff_t>(count),
                                    [&](uint32_t id) { return !graph_.StateOf(id).present(); });
    return static_cast<size_t>(end - begin);
  }

  void Batch(size_t count) {
    batch_ = count;
    ++scratch_->hops;
    scratch_->distances_computed += count;
    const uint32_t* ids = scratch_->ids.data();
    const std::byte* const* rows = scratch_->rows.data();
    float* distances = scratch_->distances.data();
    for (size_t i = 0; i < count; i += 4) {
      for (size_t j = i + kRowsAhead; j < std::min(i + kRowsAhead + 4, count); ++j) measure_.Prefetch(ids[j], rows[j]);
      measure_.Some(ids + i, rows + i, std::min<size_t>(4, count - i), distances + i);
    }
  }

  void PrefetchLinks(uint32_t id, uint32_t level) const {
    if (level > 0) return;
    const uint32_t* links = graph_.BottomLinks(id);
    for (uint32_t i = 0; i < graph_.bottom_stride; i += kCacheLine / sizeof(uint32_t)) PrefetchLine(links + i);
  }

  const GraphView& graph_;
  const Measure measure_;
  const bool skip_removed_;
  SearchScratch* const scratch_;
  size_t batch_ = 0;
  uint32_t left_out_ = kNobody;
};

inline constexpr auto kFollowNothing = [](uint32_t, const uint32_t*) {};

}  // namespace lineal::index
