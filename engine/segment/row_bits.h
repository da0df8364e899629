// One bit a row, set while others read: which rows have a vector, which have had their payload changed.
//
// Threads: any may set and test. A bit, once set, stays.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/ids.h"
#include "engine/filter/row_set.h"

namespace lineal::engine {

class RowBits {
 public:
  explicit RowBits(uint32_t capacity)
      : words_(std::make_unique<std::atomic<uint64_t>[]>(capacity / 64 + 1)), capacity_(capacity) {}

  void Set(LocalId id) {
    const uint64_t bit = uint64_t{1} << (Raw(id) & 63);
    const uint64_t before = words_[Raw(id) >> 6].fetch_or(bit, std::memory_order_release);
    if ((before & bit) == 0) count_.fetch_add(1, std::memory_order_release);
  }
  bool Test(LocalId id) const { return words_[Raw(id) >> 6].load(std::memory_order_acquire) >> (Raw(id) & 63) & 1; }
  uint32_t count() const { return count_.load(std::memory_order_acquire); }
  uint32_t capacity() const { return capacity_; }
  uint64_t memory_bytes() const { return (capacity_ / 64 + 1) * sizeof(uint64_t); }

  // The set rows below `rows`.
  RowSet ToSet(uint32_t rows) const;

 private:
  std::unique_ptr<std::atomic<uint64_t>[]> words_;
  const uint32_t capacity_;
  std::atomic<uint32_t> count_{0};
};

}  // namespace lineal::engine
