// Loops of the arithmetic that a kernel cannot do without, on registers alone: the fastest that this processor could do
// the kernel's sums if data cost nothing.
//
// Threads: any.
#pragma once

#include <cstddef>

#include "index/kernels/kernel_table.h"

namespace lineal::bench {

// Does the arithmetic of `steps` steps.
using ArithmeticLoop = void (*)(size_t steps);

struct Arithmetic {
  ArithmeticLoop run = nullptr;
  size_t components = 0;  // of one row, a step
};

// By the number of rows that share a loaded and widened query: one or four. An instruction set's folder of loops.
struct ArithmeticTable {
  const char* name;
  Arithmetic one[index::kOperandKinds][index::kSums];
  Arithmetic four[index::kOperandKinds][index::kSums];
  Arithmetic code_dot;
  Arithmetic fused_multiply_add;  // components are floats
  // Loads `bytes` (a multiple of 1,024) in order and does nothing with them.
  void (*read)(const std::byte* at, size_t bytes);
  Arithmetic packed_dots[index::kPackedWidths];
};

extern const ArithmeticTable kAvx2Arithmetic;
extern const ArithmeticTable kAvx512Arithmetic;

// The table of the kernels called `kernels` (active_kernels.h); that of the reference reads and has no arithmetic.
const ArithmeticTable& ArithmeticOf(const char* kernels);

}  // namespace lineal::bench
