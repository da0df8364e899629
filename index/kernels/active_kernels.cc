#include "index/kernels/active_kernels.h"

#include <algorithm>
#include <cstdlib>

#ifdef LINEAL_X86_KERNELS
#include <cpuid.h>
#endif

namespace lineal::index {
namespace {

#ifdef LINEAL_X86_KERNELS
// Clang 14 has no name for this one.
bool HasF16c() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}
#endif

}  // namespace

std::vector<const KernelTable*> SupportedKernels() {
  std::vector<const KernelTable*> tables;
#ifdef LINEAL_X86_KERNELS
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && HasF16c();
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (avx512 && __builtin_cpu_supports("avx512bf16")) tables.push_back(&kAvx512Bf16Kernels);
  if (avx512 && __builtin_cpu_supports("avx512vnni")) tables.push_back(&kAvx512VnniKernels);
  if (avx512) tables.push_back(&kAvx512Kernels);
  if (avx2) tables.push_back(&kAvx2Kernels);
#endif
  tables.push_back(&kReferenceKernels);
  return tables;
}

KernelTable MergeKernels(std::string_view name) {
  const std::vector<const KernelTable*> tables = SupportedKernels();
  auto first = std::find_if(tables.begin(), tables.end(), [&](const KernelTable* t) { return t->name == name; });
  if (first == tables.end()) first = tables.begin();
  KernelTable merged = **first;
  for (auto table = first; table != tables.end(); ++table) {
    if (merged.code_dot == nullptr) merged.code_dot = (*table)->code_dot;
    if (merged.scan_blocks == nullptr) merged.scan_blocks = (*table)->scan_blocks;
    if (merged.scan_bounds == nullptr) merged.scan_bounds = (*table)->scan_bounds;
    if (merged.least_bound == nullptr) merged.least_bound = (*table)->least_bound;
    if (merged.bounds_within == nullptr) merged.bounds_within = (*table)->bounds_within;
    for (size_t i = 0; i < kPackedWidths; ++i) {
      if (merged.packed_dots[i] == nullptr) merged.packed_dots[i] = (*table)->packed_dots[i];
    }
    for (size_t i = 0; i < kOperandKinds; ++i) {
      if (merged.dot_tiles[i] == nullptr) merged.dot_tiles[i] = (*table)->dot_tiles[i];
      for (size_t j = 0; j < kSums; ++j) {
        Kernel& kernel = merged.kernels[i][j];
        if (kernel.one == nullptr) kernel.one = (*table)->kernels[i][j].one;
        if (kernel.four == nullptr) kernel.four = (*table)->kernels[i][j].four;
      }
    }
  }
  return merged;
}

const KernelTable& ActiveKernels() {
  static const KernelTable table = [] {
    const char* name = std::getenv("LINEAL_KERNELS");
    return MergeKernels(name == nullptr ? std::string_view() : std::string_view(name));
  }();
  return table;
}

}  // namespace lineal::index
