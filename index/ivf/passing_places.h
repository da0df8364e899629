// Which rows of an inverted file may pass a filter: a bit for each row in the order of the lists, so that what passes
// of a list, or of a block of its codes, is known without asking for its rows one by one.
//
// Threads: immutable once made; any.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/ids.h"

namespace lineal::index {

class PassingPlaces {
 public:
  // `ids` are list after list; list i begins at begins[i], and ends where the next one begins.
  PassingPlaces(std::span<const LocalId> ids, std::span<const uint32_t> begins,
                const std::function<bool(LocalId)>& may_pass);

  uint32_t CountOf(uint32_t list) const { return counts_[list]; }
  // Bit i for place + i, below 32; zeroes behind the last place.
  uint32_t MaskAt(uint32_t place) const {
    const uint32_t word = place / 64, shift = place % 64;
    const uint64_t low = bits_[word] >> shift;
    return static_cast<uint32_t>(shift > 32 ? low | bits_[word + 1] << (64 - shift) : low);
  }
  uint64_t memory_bytes() const { return sizeof *this + 8 * bits_.size() + 4 * counts_.size(); }

 private:
  std::vector<uint64_t> bits_;
  std::vector<uint32_t> counts_;
};

}  // namespace lineal::index
