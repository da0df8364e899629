// A graph as searches see it, whether it grows in memory or lies in a mapped image.
//
// A link list is a fixed block of 32-bit links; a link is a LocalId plus one, and the first zero ends the list. Lists
// of the bottom layer lie one after another by id; those of the upper layers in slots, a node of level n having n of
// them.
//
// Threads: readers at any time. The writer stores links one by one, so that a reader may see some old and some new
// links of a list, each of them sound: a link is stored after the row and the lists of the node that it leads to.
#pragma once

#include <cstddef>
#include <cstdint>

#include "index/vectors/row_format.h"

namespace lineal::index {

inline constexpr uint32_t kLevelMax = 15;

inline uint32_t LoadLink(const uint32_t* at) { return __atomic_load_n(at, __ATOMIC_ACQUIRE); }
inline void StoreLink(uint32_t* at, uint32_t link) { __atomic_store_n(at, link, __ATOMIC_RELEASE); }

// One byte a node: whether it is in the graph, and its level. Zero: never was.
class NodeState {
 public:
  static constexpr uint8_t kPresent = 0x80, kRemoved = 0x40, kLevelBits = 0x0f;
  constexpr explicit NodeState(uint8_t bits) : bits_(bits) {}
  static constexpr NodeState Present(uint32_t level) { return NodeState(static_cast<uint8_t>(kPresent | level)); }

  constexpr bool present() const { return (bits_ & kPresent) != 0; }
  constexpr bool ever_present() const { return bits_ != 0; }
  constexpr uint32_t level() const { return bits_ & kLevelBits; }
  constexpr NodeState AsRemoved() const { return NodeState(static_cast<uint8_t>(kRemoved | level())); }
  constexpr uint8_t bits() const { return bits_; }

 private:
  uint8_t bits_;
};

// Where searches begin: a node of the highest level, packed so that it changes at once. Zero: the graph is empty.
struct EntryPoint {
  uint32_t link = 0;  // id plus one
  uint32_t level = 0;

  bool empty() const { return link == 0; }
  uint32_t id() const { return link - 1; }
  uint64_t Pack() const { return static_cast<uint64_t>(level) << 32 | link; }
  static EntryPoint Unpack(uint64_t packed) {
    return {static_cast<uint32_t>(packed), static_cast<uint32_t>(packed >> 32)};
  }
};

struct GraphView {
  // Links in a list: 2m on the bottom, m above. Strides are in links; the bottom's is a whole number of cache lines.
  uint32_t bottom_max = 0, upper_max = 0;
  uint32_t bottom_stride = 0;
  const uint32_t* bottom = nullptr;
  const uint32_t* upper = nullptr;
  const uint32_t* upper_slots = nullptr;  // by id: slot of the list at level 1, those above follow
  const uint8_t* states = nullptr;
  const uint64_t* entry = nullptr;
  uint32_t capacity = 0;  // ids are below

  static constexpr uint32_t BottomStride(uint32_t m) { return (2 * m + 15) / 16 * 16; }

  uint32_t MaxLinks(uint32_t level) const { return level == 0 ? bottom_max : upper_max; }
  const uint32_t* BottomLinks(uint32_t id) const { return bottom + static_cast<size_t>(id) * bottom_stride; }
  // `level` is at most the node's.
  const uint32_t* Links(uint32_t id, uint32_t level) const {
    if (level == 0) return BottomLinks(id);
    const uint32_t slot = __atomic_load_n(upper_slots + id, __ATOMIC_RELAXED) + level - 1;
    return upper + static_cast<size_t>(slot) * upper_max;
  }
  NodeState StateOf(uint32_t id) const { return NodeState(__atomic_load_n(states + id, __ATOMIC_ACQUIRE)); }
  EntryPoint Entry() const { return EntryPoint::Unpack(__atomic_load_n(entry, __ATOMIC_ACQUIRE)); }
};

}  // namespace lineal::index
