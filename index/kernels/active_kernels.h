// The kernels this machine runs: the best set that its processor has, or the one named by the environment variable
// LINEAL_KERNELS (reference, avx2, avx512, avx512_vnni, avx512_bf16: that set and what lies below it; ignored if the
// machine lacks it).
//
// Threads: any.
#pragma once

#include <string_view>
#include <vector>

#include "index/kernels/kernel_table.h"

namespace lineal::index {

// Chosen once, at the first call.
const KernelTable& ActiveKernels();

// The tables that the processor can run, best first; the last is the reference.
std::vector<const KernelTable*> SupportedKernels();

// The best of the supported tables from `name` downwards, merged pointer by pointer; of all of them if `name` is empty
// or not among them.
KernelTable MergeKernels(std::string_view name);

inline const Kernel& KernelOf(const KernelTable& table, Operands operands, Sum sum) {
  return table.kernels[static_cast<size_t>(operands)][static_cast<size_t>(sum)];
}

}  // namespace lineal::index
