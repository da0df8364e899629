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
  // At or beyond this distance nothing enters but, by its id, an equal.
  float bound() const {
    return heap_.size() < k_ || k_ == 0 ? std::numeric_limits<float>::infinity() : heap_.front().distance;
  }
  void Add(const Neighbor& candidate) {
    if (heap_.size() == k_) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end());
  }
  // Nearest first; leaves nothing behind.
  std::vector<Neighbor> Take() {
    std::sort_heap(heap_.begin(), heap_.end());
    return std::move(heap_);
  }

 private:
  size_t k_;
  std::vector<Neighbor> heap_;
};

}  // namespace lineal::index
