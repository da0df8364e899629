// The nearest nodes met so far, at most `width` of them, in order of distance, each marked when its links have been
// followed. One sorted array: for the widths of real searches that is faster than two heaps, because almost every
// candidate is turned away by one comparison with the last entry.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

namespace lineal::index {

struct Candidate {
  float distance;
  uint32_t id;
};

class Beam {
 public:
  void Reset(size_t width) {
    width_ = width;
    size_ = 0;
    next_ = 0;
    if (entries_.size() < width + 1) entries_.resize(width + 1);
  }
  // False if `distance` is beyond a full beam.
  bool Add(float distance, uint32_t id) {
    if (size_ == width_ && !(distance < entries_[size_ - 1].distance)) return false;
    const size_t low = Place(distance);
    if (size_ == width_) --size_;
    std::memmove(&entries_[low + 1], &entries_[low], (size_ - low) * sizeof(Entry));
    entries_[low] = {distance, id};
    ++size_;
    if (low < next_) next_ = low;
    return true;
  }
  bool HasNext() const { return next_ < size_; }
  // The nearest entry not followed yet.
  uint32_t PeekNext() const { return entries_[next_].tagged; }
  uint32_t TakeNext() {
    const uint32_t id = entries_[next_].tagged;
    entries_[next_].tagged |= kFollowed;
    while (next_ < size_ && (entries_[next_].tagged & kFollowed) != 0) ++next_;
    return id;
  }
  float bound() const {
    return size_ == width_ ? entries_[size_ - 1].distance : std::numeric_limits<float>::infinity();
  }
  size_t size() const { return size_; }
  Candidate at(size_t i) const { return {entries_[i].distance, entries_[i].tagged & ~kFollowed}; }

 private:
  // Behind all entries that are as near or nearer. Halves without a branch, which no processor could foretell.
  size_t Place(float distance) const {
    const Entry* at = entries_.data();
    size_t left = size_;
    while (left > 1) {
      const size_t half = left / 2;
      at += static_cast<size_t>(at[half - 1].distance <= distance) * half;
      left -= half;
    }
    return static_cast<size_t>(at - entries_.data()) + (left == 1 && at->distance <= distance);
  }

  static constexpr uint32_t kFollowed = 1u << 31;
  struct Entry {
    float distance;
    uint32_t tagged;  // id, with the top bit once followed
  };
  std::vector<Entry> entries_;
  size_t width_ = 0, size_ = 0, next_ = 0;
};

}  // namespace lineal::index
