// k-means for lists of rows: Lloyd's iterations from random rows, with clusters kept of like size by moving the
// centroids of nearly empty ones beside those of the fullest. Many clusters are found in two levels (Nister and
// Stewenius 2006).
//
// Threads: any.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/executor.h"

namespace lineal::index {

struct KMeansOptions {
  int iterations = 10;
  uint64_t seed = 1;
  Executor* executor = nullptr;
  size_t parallelism = 1;
  const std::atomic<bool>* cancelled = nullptr;  // ends early, with the centroids found so far
};

// min(clusters, count) centroids, dim floats each, of `count` rows of dim floats.
std::vector<float> KMeans(const float* rows, size_t count, uint32_t dim, uint32_t clusters,
                          const KMeansOptions& options);

}  // namespace lineal::index
