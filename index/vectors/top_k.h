// The k nearest seen so far.
//
// Threads: one at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "index/vectors/neighbor.h"

namespace lineal::index {

class TopK {
 public:
  // Memory grows with what is kept, not with k.
  explicit TopK(size_t k) : k_(k) {}

  bool WouldEnter(const Neighbor& candidate) const {
    return heap_.size() < k_ ? true : k_ > 0 && candidate < heap_.front();
  }
  size_t size() const { return heap_.size(); }
  // At or beyond this distance nothing enters but, by its id, an equal.
  float bound() const {
    return heap_.size() < k_ || k_ == 0 ? std::numeric_limits<float>::infinity() : heap_.front().distance;
  }
  // Of a candidate that would enter.
  void Add(const Neighbor& candidate) {
    if (heap_.size() == k_) return ReplaceFront(candidate);
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end());
  }
  // Nearest first; leaves nothing behind.
  std::vector<Neighbor> Take() {
    std::sort_heap(heap_.begin(), heap_.end());
    return std::move(heap_);
  }

 private:
  // One way down the heap, where popping and pushing go down it and up again, twice.
  void ReplaceFront(const Neighbor& candidate) {
    const size_t size = heap_.size();
    size_t hole = 0;
    for (size_t child; (child = 2 * hole + 1) < size; hole = child) {
      if (child + 1 < size && heap_[child] < heap_[child + 1]) ++child;
      if (!(candidate < heap_[child])) break;
      heap_[hole] = heap_[child];
    }
    heap_[hole] = candidate;
  }

  size_t k_;
  std::vector<Neighbor> heap_;
};

}  // namespace lineal::index
