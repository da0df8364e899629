#include "index/hnsw/search_scratch.h"

#include <cstring>
#include <utility>

namespace lineal::index {

void VisitedSet::Clear() {
  if (++epoch_ != 0) return;
  if (marks_.bytes() > 0) std::memset(marks_.as<uint8_t>(), 0, marks_.bytes());
  epoch_ = 1;
}

ScratchPool::Lease ScratchPool::Take() {
  {
    std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<SearchScratch> scratch = std::move(free_.back());
      free_.pop_back();
      return Lease(this, std::move(scratch));
    }
  }
  made_.fetch_add(1, std::memory_order_relaxed);
  return Lease(this, std::make_unique<SearchScratch>(capacity_));
}

void ScratchPool::Return(std::unique_ptr<SearchScratch> scratch) {
  std::lock_guard lock(mutex_);
  free_.push_back(std::move(scratch));
}

}  // namespace lineal::index
