// Removal with repair. Links are one-way, so the nodes that link to the removed one are found by searching for it: a
// node that links to it is near it. Each of them gets another link in its place, and each node it linked to gets a link
// from somewhere else. A link that the search did not find stays, leads nowhere, and goes when its list is next
// changed.
#include <algorithm>

#include "index/hnsw/growing_hnsw_index.h"

namespace lineal::index {

std::vector<uint32_t> GrowingHnswIndex::PresentLinks(uint32_t id, uint32_t level) const {
  std::vector<uint32_t> ids;
  const uint32_t* links = view().Links(id, level);
  for (uint32_t i = 0; i < view().MaxLinks(level) && links[i] != 0; ++i) {
    if (view().StateOf(links[i] - 1).present()) ids.push_back(links[i] - 1);
  }
  return ids;
}

EntryPoint GrowingHnswIndex::HighestBut(uint32_t id) const {
  EntryPoint best;
  for (uint32_t other = 0; other < id_bound(); ++other) {
    const NodeState state = view().StateOf(other);
    if (other == id || !state.present()) continue;
    if (best.empty() || state.level() > best.level) best = {other + 1, state.level()};
  }
  return best;
}

void GrowingHnswIndex::Remove(LocalId local) {
  const uint32_t id = Raw(local);
  if (!Contains(local)) return;
  if (view().Entry().id() == id) graph_.SetEntry(HighestBut(id));
  graph_.SetRemoved(id);
  if (view().Entry().empty()) return;
  Worker worker = MakeWorker();
  for (uint32_t level = 0; level <= view().StateOf(id).level(); ++level) RemoveFromLevel(id, level, &worker);
}

std::vector<uint32_t> GrowingHnswIndex::FindLinkedFrom(uint32_t id, uint32_t level, Worker* worker) {
  const EntryPoint entry = view().Entry();
  if (entry.level < level) return {};
  std::vector<uint32_t> from;
  const uint32_t max = view().MaxLinks(level);
  const auto follow = [&](uint32_t node, const uint32_t* links) {
    for (uint32_t i = 0; i < max && links[i] != 0; ++i) {
      if (links[i] == id + 1) from.push_back(node);
    }
  };
  WalkTowards(id, worker, [&](auto& layer) {
    layer.Descend(entry, level, params_.ef_construct);
    layer.Explore(level, std::max(params_.ef_construct, 2 * max), Deadline(), follow);
  });
  return from;
}

void GrowingHnswIndex::RemoveFromLevel(uint32_t id, uint32_t level, Worker* worker) {
  const std::vector<uint32_t> linked_from = FindLinkedFrom(id, level, worker);
  const std::vector<uint32_t> linked_to = PresentLinks(id, level);
  std::vector<uint32_t> around = linked_from;
  around.insert(around.end(), linked_to.begin(), linked_to.end());
  std::sort(around.begin(), around.end());
  around.erase(std::unique(around.begin(), around.end()), around.end());

  for (uint32_t from : linked_from) ReplaceLink(from, id, level, around, worker);
  for (uint32_t to : linked_to) {
    // From the nearest of the neighbourhood, which the removed node led to it from.
    const std::span<const Candidate> near = worker->selection.Rank(to, around);
    uint32_t helpers[2];
    size_t count = 0;
    for (const Candidate& candidate : near) {
      if (candidate.id != to && count < 2) helpers[count++] = candidate.id;
    }
    for (size_t i = 0; i < count; ++i) Connect(helpers[i], to, level, worker);
  }
  if (level > 0) return;
  for (uint32_t to : linked_to) {
    EnsureLinked(to, worker);
    // Those with few links to them may have become an island together.
    if (graph_.InDegree(to) <= 2) EnsureFound(to, worker);
  }
}

void GrowingHnswIndex::ReplaceLink(uint32_t from, uint32_t removed, uint32_t level,
                                   std::span<const uint32_t> substitutes, Worker* worker) {
  std::vector<uint32_t> kept;
  const uint32_t* links = view().Links(from, level);
  for (uint32_t i = 0; i < view().MaxLinks(level) && links[i] != 0; ++i) {
    const uint32_t id = links[i] - 1;
    if (id != removed && view().StateOf(id).present()) kept.push_back(id);
  }
  for (const Candidate& candidate : worker->selection.Rank(from, substitutes)) {
    if (candidate.id == from || std::find(kept.begin(), kept.end(), candidate.id) != kept.end()) continue;
    if (kept.size() >= view().MaxLinks(level) || worker->selection.IsCovered(candidate, kept)) continue;
    kept.push_back(candidate.id);
    break;
  }
  graph_.StoreLinks(from, level, kept);
}

}  // namespace lineal::index
