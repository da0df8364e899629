// Where the rows of a segment lie: fixed-size chunks that never move, or one mapped region. A view is a small value; it
// is valid as long as the storage it came from, and rows below the storage's published count may be read by any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/ids.h"

namespace lineal::index {

class RowView {
 public:
  RowView() = default;
  // `chunks` outlives the view; each chunk holds 1 << chunk_shift rows of `row_bytes`.
  RowView(const std::byte* const* chunks, uint32_t chunk_shift, size_t row_bytes)
      : chunks_(chunks), chunk_shift_(chunk_shift), row_bytes_(row_bytes) {}

  const std::byte* at(LocalId id) const {
    const uint64_t raw = Raw(id);
    return chunks_[raw >> chunk_shift_] + (raw & ((uint64_t{1} << chunk_shift_) - 1)) * row_bytes_;
  }
  size_t row_bytes() const { return row_bytes_; }
  // Rows from `id` to the end of its chunk lie one after another.
  uint64_t rows_left_in_chunk(LocalId id) const {
    return (uint64_t{1} << chunk_shift_) - (Raw(id) & ((uint64_t{1} << chunk_shift_) - 1));
  }

 private:
  const std::byte* const* chunks_ = nullptr;
  uint32_t chunk_shift_ = 0;  // 63 for a single region
  size_t row_bytes_ = 0;
};

}  // namespace lineal::index
