// How fast every kernel of index/kernels runs over rows that lie in a cache or stream from memory, and how fast it
// could.
//
// Threads: one at a time.
#pragma once

#include <string>
#include <vector>

#include "bench/limits/machine_limits.h"

namespace lineal::bench {

struct KernelRate {
  std::string kernel;  // "f32·f16 L2 four"
  Level level = Level::kCache;
  size_t dim = 0;
  double row_s = 0;    // seconds a row
  double bound_s = 0;  // the least it can take: loads, the level's bandwidth, arithmetic
  const char* bound = "";
  double share() const { return row_s > 0 ? bound_s / row_s : 0; }
};

// Says on stderr how far it is.
std::vector<KernelRate> MeasureKernels(const Effort& effort, const Arena& arena, const MachineLimits& limits,
                                       const ArithmeticTable& arithmetic, const std::vector<size_t>& dims);

}  // namespace lineal::bench
