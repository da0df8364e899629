// Generated data: Gaussian clusters of unequal sizes whose own directions are fewer than the dimension, as those of
// embeddings are. Queries come from the same clusters.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bench/sets/data_set.h"

namespace lineal::bench {

struct Shape {
  size_t rows = 0;
  size_t queries = 0;
  size_t dim = 0;
  uint64_t seed = 1;
};

// Replaces rows and queries; the same shape gives the same numbers.
void GenerateClusters(const Shape& shape, DataSet* data);

}  // namespace lineal::bench
