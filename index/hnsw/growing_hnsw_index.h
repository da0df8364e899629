// An HNSW that is being built: inserts, removes, and is searched meanwhile.
//
// Threads: as HnswIndex.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "index/hnsw/graph_index.h"
#include "index/hnsw/growing_graph.h"
#include "index/hnsw/layer_search.h"
#include "index/hnsw/neighbor_selection.h"

namespace lineal::index {

class GrowingHnswIndex final : public GraphIndex {
 public:
  GrowingHnswIndex(const RowFormat& format, const HnswParams& params, RowView rows, uint32_t capacity);

  absl::Status Insert(std::span<const LocalId> ids, const InsertOptions& options) override;
  void Remove(LocalId id) override;
  uint64_t size() const override { return graph_.size(); }
  uint64_t memory_bytes() const override { return graph_.memory_bytes(); }
  std::string_view image() const override { return {}; }

  const GraphView& view() const override { return graph_.view(); }
  uint32_t id_bound() const override { return graph_.id_bound(); }
  uint32_t upper_slots_used() const override { return graph_.upper_slots_used(); }
  bool has_removed() const override { return graph_.has_removed(); }
  GrowingGraph& graph() { return graph_; }

  // What one inserting thread keeps between rows.
  struct Worker {
    Worker(const GrowingHnswIndex& index, ScratchPool::Lease lease)
        : scratch(std::move(lease)), selection(index.format_, index.rows_, index.link_codes()) {
      if (index.link_codes() != nullptr) code_query.emplace(*index.link_codes());
    }
    ScratchPool::Lease scratch;
    std::optional<Sq8Query> code_query;
    NeighborSelection selection;
    std::vector<Candidate> candidates;
    std::vector<uint32_t> ids, chosen;
    // A new node's neighbours, which link back, and others that it links to by the inner product.
    std::vector<uint32_t> selected[kLevelMax + 1], by_score[kLevelMax + 1];
  };
  Worker MakeWorker() { return Worker(*this, scratches_.Take()); }
  // Searches for a node that few link to by its own row; if it is not found, the nearest that were found link to it.
  // Threads: as inserters.
  void EnsureFound(uint32_t id, Worker* worker);
  // Takes note of a row's length, under the inner product.
  void NoteLength(uint32_t id);
  // The codes by which near nodes are found, if any. Those for the inner product are of no use for that.
  const Sq8Codes* link_codes() const {
    const bool serve = codes_ != nullptr && codes_->kind() == CodeKind::kSq8 && format_.distance != Distance::kDot;
    return serve ? static_cast<const Sq8Codes*>(codes_.get()) : nullptr;
  }
  // Whether links are chosen by the inner product beside the distance.
  bool links_by_score() const { return lengths_vary_.load(std::memory_order_relaxed); }

 private:
  // Calls work(layer) with a walk towards a row, by the distance of links.
  template <class Work>
  void WalkTowards(uint32_t id, Worker* worker, const Work& work) const;

  void InsertOne(uint32_t id, Worker* worker);
  void ChooseNeighbors(uint32_t id, uint32_t level, EntryPoint entry, Worker* worker);
  void ChooseByScore(uint32_t id, uint32_t level, EntryPoint entry, Worker* worker);
  // The beam without `id` as the worker's candidates.
  void TakeCandidates(uint32_t id, Worker* worker) const;
  // Adds a link from `from` to `to`, choosing again among all if the list is full.
  void Connect(uint32_t from, uint32_t to, uint32_t level, Worker* worker);
  // The best of the worker's ids as links of `from`, and with them those that nobody else links to: a node must not
  // become unreachable because its neighbours found better ones.
  void Reselect(uint32_t from, uint32_t level, Worker* worker);
  // Whether `from` links to `to` on the bottom layer.
  bool LinksTo(uint32_t from, uint32_t to) const;
  // Adds a link on the bottom layer in any case: in a full list the farthest link gives way whose node has others.
  void ForceLink(uint32_t from, uint32_t to, Worker* worker);
  // Sees to it that someone links to a node.
  void EnsureLinked(uint32_t id, Worker* worker);

  void RemoveFromLevel(uint32_t id, uint32_t level, Worker* worker);
  std::vector<uint32_t> FindLinkedFrom(uint32_t id, uint32_t level, Worker* worker);
  void ReplaceLink(uint32_t from, uint32_t removed, uint32_t level, std::span<const uint32_t> substitutes,
                   Worker* worker);
  EntryPoint HighestBut(uint32_t id) const;
  // The present nodes that a node links to.
  std::vector<uint32_t> PresentLinks(uint32_t id, uint32_t level) const;

  const RowFormat link_format_;
  std::atomic<float> shortest_, longest_;  // squares
  std::atomic<bool> lengths_vary_{false};
  GrowingGraph graph_;
  // Held while a node above all others comes in, so that two of them do not miss each other.
  std::mutex entry_mutex_;
};

template <class Work>
void GrowingHnswIndex::WalkTowards(uint32_t id, Worker* worker, const Work& work) const {
  if (worker->code_query) {
    worker->code_query->SetRow(id);
    LayerSearch layer(view(), CodeMeasure(*worker->code_query), has_removed(), &*worker->scratch);
    work(layer);
  } else {
    const Query query = Query::FromRow(link_format_, rows_.at(LocalId{id}));
    LayerSearch layer(view(), RowMeasure(rows_, query.distance(), query.prepared()), has_removed(), &*worker->scratch);
    work(layer);
  }
}

}  // namespace lineal::index
