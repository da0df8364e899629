// What a benchmark searches: rows, queries and the exact answers.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/executor.h"
#include "index/vectors/row_format.h"

namespace lineal::bench {

// Vectors one after another.
struct Matrix {
  size_t dim = 0;
  std::vector<float> values;
  size_t rows() const { return dim == 0 ? 0 : values.size() / dim; }
  const float* row(size_t i) const { return values.data() + i * dim; }
  // Keeps the first `count` rows.
  void Truncate(size_t count);
};

struct DataSet {
  std::string name;
  index::Distance distance = index::Distance::kL2;
  Matrix base;
  Matrix queries;
  // The ids of the nearest rows of each query, nearest first, truth_k each.
  size_t truth_k = 0;
  std::vector<uint32_t> truth;
};

// By exact search on the executor's threads.
void ComputeTruth(size_t k, Executor* executor, DataSet* data);

// Scales every vector to length one; a zero vector stays.
void Normalise(Matrix* matrix);

}  // namespace lineal::bench
