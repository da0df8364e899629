// What one-bit codes say of a single row, of those that a scan has let through.
//
// Threads: any.
#pragma once

#include <cstddef>

#include "index/kernels/kernel_table.h"

namespace lineal::index {

struct RabitqGuess {
  float estimate = 0;  // as RabitqQuery::ThresholdOf counts
  float error = 0;     // between the estimate and its lower bound
};

// Of the row at `slot` of a block, for the query of its list.
RabitqGuess GuessOf(const ScanQuery& query, const std::byte* block, size_t slot);

}  // namespace lineal::index
