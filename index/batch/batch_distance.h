// Distances of many vectors to many others.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/executor.h"

namespace lineal::index {

// For each of `count` rows (row-major floats, `dim` each) the nearest of `centroids` by squared L2: its index and
// distance. Exact as the L2 kernel measures it; of equal distances the lowest index. `dim` and `centroid_count` are at
// least 1, all components finite. `nearest` and `distance` take `count` values; `distance` may be null.
// `executor` (may be null) spreads the work over at most `parallelism` threads, the caller included. Beyond the output
// a thread uses a few MB.
void NearestByL2(const float* rows, size_t count, const float* centroids, size_t centroid_count, size_t dim,
                 uint32_t* nearest, float* distance, Executor* executor, size_t parallelism);

}  // namespace lineal::index
