// Rows in memory that only grow, at addresses that never move.
//
// Threads: one writer calls Append(); any number read rows below size() through view().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

class GrowingRows {
 public:
  // At most `capacity` rows; memory is taken chunk by chunk, 64-byte aligned, as rows come.
  GrowingRows(size_t row_bytes, uint32_t capacity);
  ~GrowingRows();

  // Copies row_bytes from `row`, or zeroes if null (a point without this vector). The caller keeps below capacity.
  LocalId Append(const std::byte* row);
  uint32_t size() const { return size_.load(std::memory_order_acquire); }
  uint32_t capacity() const { return capacity_; }
  RowView view() const { return RowView(chunks_.get(), kChunkShift, row_bytes_); }
  uint64_t memory_bytes() const;

 private:
  static constexpr uint32_t kChunkShift = 12;
  const size_t row_bytes_;
  const uint32_t capacity_;
  std::unique_ptr<std::byte*[]> chunks_;
  std::atomic<uint32_t> size_{0};
};

// A single contiguous region of rows (a packed file, mapped). Keeps nothing alive itself.
class RegionRows {
 public:
  RegionRows(const std::byte* base, size_t row_bytes) : base_(base), row_bytes_(row_bytes) {}
  // Valid as long as this object stays where it is.
  RowView view() const { return RowView(&base_, 63, row_bytes_); }

 private:
  const std::byte* base_;
  size_t row_bytes_;
};

}  // namespace lineal::index
