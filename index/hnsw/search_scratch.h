// What one search needs beside the graph, kept for the next one: which nodes it has met, its beam, and its batch.
//
// Threads: a scratch belongs to one search; the pool may be asked by any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "index/hnsw/beam.h"
#include "index/vectors/page_array.h"

namespace lineal::index {

// A set of node ids that is emptied in no time: a mark counts only if it bears the current epoch. Every 255th emptying
// clears the marks.
class VisitedSet {
 public:
  explicit VisitedSet(uint32_t capacity) : marks_(capacity) {}
  void Clear();
  // True if `id` was not in the set.
  bool Insert(uint32_t id) {
    uint8_t& mark = marks_.as<uint8_t>()[id];
    const bool fresh = mark != epoch_;
    mark = epoch_;
    return fresh;
  }

 private:
  PageArray marks_;
  uint8_t epoch_ = 0;
};

struct SearchScratch {
  explicit SearchScratch(uint32_t capacity) : visited(capacity) {}
  VisitedSet visited;
  Beam beam;
  // Where the next walk begins.
  std::vector<Candidate> starts;
  // One hop's neighbours not met before.
  std::vector<uint32_t> ids;
  std::vector<const std::byte*> rows;
  std::vector<float> distances;
  // Heaps of a filtered search.
  std::vector<Candidate> open, accepted;
  // What was done with this scratch since somebody set these to zero.
  uint64_t hops = 0, distances_computed = 0;
};

class ScratchPool {
 public:
  explicit ScratchPool(uint32_t capacity) : capacity_(capacity) {}

  // Gives the scratch back when it goes.
  class Lease {
   public:
    Lease(ScratchPool* pool, std::unique_ptr<SearchScratch> scratch) : pool_(pool), scratch_(std::move(scratch)) {}
    Lease(Lease&&) = default;
    ~Lease() {
      if (scratch_) pool_->Return(std::move(scratch_));
    }
    SearchScratch& operator*() const { return *scratch_; }
    SearchScratch* operator->() const { return scratch_.get(); }

   private:
    ScratchPool* pool_;
    std::unique_ptr<SearchScratch> scratch_;
  };
  Lease Take();
  // Of all that were ever taken: they are kept. What a beam needs is small beside the marks.
  uint64_t memory_bytes() const { return made_.load(std::memory_order_relaxed) * uint64_t{capacity_}; }

 private:
  void Return(std::unique_ptr<SearchScratch> scratch);

  const uint32_t capacity_;
  std::atomic<uint32_t> made_{0};
  std::mutex mutex_;
  std::vector<std::unique_ptr<SearchScratch>> free_;
};

}  // namespace lineal::index
