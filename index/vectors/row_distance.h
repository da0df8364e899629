// Distances under one row format with the kernels bound: between a prepared query and rows, or between stored rows.
// A small value, made once and kept.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/coding.h"
#include "index/kernels/kernel_table.h"
#include "index/vectors/row_format.h"

namespace lineal::index {

// The operands of a kernel between two stored rows; and between a prepared query and a stored row.
Operands RowOperands(ElementType type);
Operands QueryOperands(ElementType type);

class RowDistance {
 public:
  // The left operand is a stored row, like the right one.
  static RowDistance BetweenRows(const RowFormat& format);
  // The left operand is prepared as Query does it: floats where rows are, a stored row where they are u8.
  static RowDistance FromQuery(const RowFormat& format);

  float One(const std::byte* left, const std::byte* row) const {
    return Finish(kernel_.one(left, row, dim_), left, row);
  }
  // Writes out[0..3].
  void Four(const std::byte* left, const std::byte* const* rows, float* out) const {
    kernel_.four(left, rows, dim_, out);
    if (finish_ == Finishing::kNone) return;
    for (int i = 0; i < 4; ++i) out[i] = Finish(out[i], left, rows[i]);
  }
  void Many(const std::byte* left, const std::byte* const* rows, size_t count, float* out) const {
    size_t i = 0;
    for (; i + 4 <= count; i += 4) Four(left, rows + i, out + i);
    for (; i < count; ++i) out[i] = One(left, rows[i]);
  }

 private:
  // What turns a kernel's sum into a distance: nothing, the sign, or the sign and both norms.
  enum class Finishing : uint8_t { kNone, kNegate, kNegateByNorms };

  RowDistance(const RowFormat& format, Operands operands);
  float Finish(float sum, const std::byte* left, const std::byte* row) const {
    if (finish_ == Finishing::kNone) return sum;
    if (finish_ == Finishing::kNegate) return 0.0f - sum;
    return 0.0f - sum / (LoadFixed<float>(left + norm_offset_) * LoadFixed<float>(row + norm_offset_));
  }

  Kernel kernel_;
  uint32_t dim_;
  uint32_t norm_offset_;
  Finishing finish_;
};

}  // namespace lineal::index
