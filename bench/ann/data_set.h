// What the benchmark searches: rows, queries and the exact answers; generated from a seed or read from files.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "index/vectors/row_format.h"

namespace lineal::bench {

// Vectors one after another.
struct Matrix {
  size_t dim = 0;
  std::vector<float> values;
  size_t rows() const { return dim == 0 ? 0 : values.size() / dim; }
  const float* row(size_t i) const { return values.data() + i * dim; }
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

struct Shape {
  size_t rows = 0;
  size_t queries = 0;
  size_t dim = 0;
  uint64_t seed = 1;
};

// Gaussian clusters of unequal sizes whose own directions are fewer than the dimension, as those of embeddings are.
// Queries come from the same clusters.
void GenerateClusters(const Shape& shape, DataSet* data);

// .fvecs, or .npy of two dimensions with float32 in C order.
absl::StatusOr<Matrix> ReadMatrix(const std::string& path);
// .ivecs, or .npy of two dimensions with int32 or int64 in C order.
absl::Status ReadTruth(const std::string& path, DataSet* data);
// By exact search on the executor's threads.
void ComputeTruth(size_t k, Executor* executor, DataSet* data);

// Scales every vector to length one.
void Normalise(Matrix* matrix);

}  // namespace lineal::bench
