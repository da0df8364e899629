// The memory of a graph that is being built: arrays reserved for `capacity` nodes.
//
// Threads: readers through view() at any time. Any number of inserters, if each holds a node's lock (LockOf) while it
// changes that node's lists once others can reach the node.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "index/hnsw/graph_view.h"
#include "index/vectors/page_array.h"

namespace lineal::index {

// For the few hundred nanoseconds in which an inserter changes a list.
class SpinLock {
 public:
  void lock();
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> held_{false};
};

class GrowingGraph {
 public:
  GrowingGraph(uint32_t m, uint64_t seed, uint32_t capacity);

  const GraphView& view() const { return view_; }
  uint32_t capacity() const { return view_.capacity; }
  uint64_t size() const { return size_.load(std::memory_order_relaxed); }
  uint64_t memory_bytes() const;
  // Whether a link may lead to a node that was removed.
  bool has_removed() const { return has_removed_.load(std::memory_order_relaxed); }
  // Ids that ever were in the graph are below.
  uint32_t id_bound() const { return id_bound_.load(std::memory_order_relaxed); }

  // Gives the node lists up to a level drawn from its id and the seed (or those it had before it was removed), and
  // returns the level. The node is not in the graph yet.
  uint32_t Allocate(uint32_t id);
  // The same with a given level.
  void AllocateAt(uint32_t id, uint32_t level);
  void SetPresent(uint32_t id);
  // Its lists stay as they are, for searches that stand on it, but no longer count.
  void SetRemoved(uint32_t id);
  void SetEntry(EntryPoint entry) { __atomic_store_n(&entry_, entry.Pack(), __ATOMIC_RELEASE); }

  SpinLock& LockOf(uint32_t id) { return locks_[id % kLocks]; }
  uint32_t* MutableLinks(uint32_t id, uint32_t level) { return const_cast<uint32_t*>(view_.Links(id, level)); }
  // Replaces a list; at most MaxLinks(level) ids.
  void StoreLinks(uint32_t id, uint32_t level, std::span<const uint32_t> ids);
  // Puts one more at the end of a list of `count`.
  void AppendLink(uint32_t id, uint32_t level, uint32_t count, uint32_t to);
  // Links of the bottom layer that lead to a node.
  uint32_t InDegree(uint32_t id) const { return __atomic_load_n(in_degrees_.as<uint32_t>() + id, __ATOMIC_RELAXED); }

  uint32_t LevelOf(uint32_t id) const;
  uint32_t upper_slots_used() const { return upper_used_; }

 private:
  void ClearLinks(uint32_t id);

  static constexpr uint32_t kLocks = 1 << 14;

  const uint64_t seed_;
  const double level_scale_;
  void CountLink(uint32_t to, int change) {
    __atomic_fetch_add(in_degrees_.as<uint32_t>() + to, static_cast<uint32_t>(change), __ATOMIC_RELAXED);
  }

  PageArray bottom_, upper_, upper_slots_, states_, in_degrees_;
  uint32_t upper_capacity_;
  uint64_t entry_ = 0;
  GraphView view_;
  std::unique_ptr<SpinLock[]> locks_;
  std::mutex upper_mutex_;
  std::atomic<uint32_t> upper_used_{0};  // changed under the mutex
  std::atomic<uint64_t> size_{0};
  std::atomic<uint32_t> id_bound_{0};
  std::atomic<bool> has_removed_{false};
};

}  // namespace lineal::index
