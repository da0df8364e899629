#include "index/hnsw/growing_graph.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "base/check.h"
#include "base/random.h"

namespace lineal::index {
namespace {

// A node has 1/(m-1) upper lists on average; twice that and some is beyond what any seed draws, and if one did, the
// node would stay on a lower level.
uint32_t UpperCapacity(uint32_t m, uint32_t capacity) {
  const uint64_t expected = capacity / std::max(m - 1, 1u);
  return static_cast<uint32_t>(std::min<uint64_t>(2 * expected + 1'024, ~uint32_t{0}));
}

}  // namespace

void SpinLock::lock() {
  uint32_t spins = 0;
  while (held_.exchange(true, std::memory_order_acquire)) {
    while (held_.load(std::memory_order_relaxed)) {
      // The holder may have lost its processor.
      if (++spins > 200) std::this_thread::yield();
    }
  }
}

GrowingGraph::GrowingGraph(uint32_t m, uint64_t seed, uint32_t capacity)
    : seed_(seed),
      level_scale_(1 / std::log(static_cast<double>(m))),
      bottom_(static_cast<size_t>(capacity) * GraphView::BottomStride(m) * sizeof(uint32_t)),
      upper_(static_cast<size_t>(UpperCapacity(m, capacity)) * m * sizeof(uint32_t)),
      upper_slots_(static_cast<size_t>(capacity) * sizeof(uint32_t)),
      states_(capacity),
      in_degrees_(static_cast<size_t>(capacity) * sizeof(uint32_t)),
      upper_capacity_(UpperCapacity(m, capacity)),
      locks_(std::make_unique<SpinLock[]>(kLocks)) {
  view_.bottom_max = 2 * m;
  view_.upper_max = m;
  view_.bottom_stride = GraphView::BottomStride(m);
  view_.bottom = bottom_.as<uint32_t>();
  view_.upper = upper_.as<uint32_t>();
  view_.upper_slots = upper_slots_.as<uint32_t>();
  view_.states = states_.as<uint8_t>();
  view_.entry = &entry_;
  view_.capacity = capacity;
}

uint64_t GrowingGraph::memory_bytes() const {
  const size_t ids = id_bound();
  const size_t upper_slots = upper_used_.load(std::memory_order_relaxed);
  return bottom_.touched_bytes(ids * view_.bottom_stride * sizeof(uint32_t)) +
         upper_.touched_bytes(upper_slots * view_.upper_max * sizeof(uint32_t)) +
         upper_slots_.touched_bytes(ids * sizeof(uint32_t)) + states_.touched_bytes(ids) +
         in_degrees_.touched_bytes(ids * sizeof(uint32_t)) + kLocks * sizeof(SpinLock);
}

uint32_t GrowingGraph::LevelOf(uint32_t id) const {
  Random random(seed_ ^ (id + 1) * 0x9e3779b97f4a7c15u);
  const double unit = 1 - random.Unit();  // in (0, 1]
  return std::min(static_cast<uint32_t>(-std::log(unit) * level_scale_), kLevelMax);
}

uint32_t GrowingGraph::Allocate(uint32_t id) {
  const NodeState before = view_.StateOf(id);
  AllocateAt(id, before.ever_present() ? before.level() : LevelOf(id));
  return view_.StateOf(id).level();
}

void GrowingGraph::AllocateAt(uint32_t id, uint32_t level) {
  LINEAL_CHECK(id < view_.capacity);
  uint8_t* state = states_.as<uint8_t>() + id;
  const NodeState before = view_.StateOf(id);
  if (!before.ever_present()) {
    if (level > 0) {
      std::lock_guard lock(upper_mutex_);
      level = std::min(level, upper_capacity_ - upper_used_);
      __atomic_store_n(upper_slots_.as<uint32_t>() + id, upper_used_, __ATOMIC_RELAXED);
      upper_used_ += level;
    }
    __atomic_store_n(state, NodeState::Present(level).AsRemoved().bits(), __ATOMIC_RELEASE);
  } else {
    ClearLinks(id);
  }
  uint32_t bound = id_bound_.load(std::memory_order_relaxed);
  while (bound <= id && !id_bound_.compare_exchange_weak(bound, id + 1, std::memory_order_relaxed)) {
  }
}

void GrowingGraph::SetPresent(uint32_t id) {
  const uint32_t level = view_.StateOf(id).level();
  __atomic_store_n(states_.as<uint8_t>() + id, NodeState::Present(level).bits(), __ATOMIC_RELEASE);
  size_.fetch_add(1, std::memory_order_relaxed);
}

void GrowingGraph::SetRemoved(uint32_t id) {
  has_removed_.store(true, std::memory_order_relaxed);
  __atomic_store_n(states_.as<uint8_t>() + id, view_.StateOf(id).AsRemoved().bits(), __ATOMIC_RELEASE);
  size_.fetch_sub(1, std::memory_order_relaxed);
  const uint32_t* links = view_.BottomLinks(id);
  for (uint32_t i = 0; i < view_.bottom_max && links[i] != 0; ++i) CountLink(links[i] - 1, -1);
}

void GrowingGraph::ClearLinks(uint32_t id) {
  for (uint32_t level = 0; level <= view_.StateOf(id).level(); ++level) {
    uint32_t* links = MutableLinks(id, level);
    for (uint32_t i = 0; i < view_.MaxLinks(level) && links[i] != 0; ++i) StoreLink(links + i, 0);
  }
}

void GrowingGraph::StoreLinks(uint32_t id, uint32_t level, std::span<const uint32_t> ids) {
  uint32_t* links = MutableLinks(id, level);
  const uint32_t max = view_.MaxLinks(level);
  LINEAL_DCHECK(ids.size() <= max);
  if (level == 0) {
    for (uint32_t to : ids) CountLink(to, 1);
    for (uint32_t i = 0; i < max && links[i] != 0; ++i) CountLink(links[i] - 1, -1);
  }
  for (size_t i = 0; i < ids.size(); ++i) StoreLink(links + i, ids[i] + 1);
  for (size_t i = ids.size(); i < max && links[i] != 0; ++i) StoreLink(links + i, 0);
}

void GrowingGraph::AppendLink(uint32_t id, uint32_t level, uint32_t count, uint32_t to) {
  StoreLink(MutableLinks(id, level) + count, to + 1);
  if (level == 0) CountLink(to, 1);
}

}  // namespace lineal::index
