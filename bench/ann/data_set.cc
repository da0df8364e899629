#include "bench/ann/data_set.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/random.h"
#include "index/batch/batch_search.h"
#include "index/vectors/growing_rows.h"
#include "index/vectors/query.h"

namespace lineal::bench {
namespace {

constexpr size_t kOwnDirections = 24;  // the inner dimension of a cluster
constexpr double kSpread = 0.6;        // of a cluster's rows along its own directions, centres being one apart
constexpr double kNoise = 0.08;        // in every direction
constexpr size_t kQueriesPerBlock = 64;

class Clusters {
 public:
  Clusters(const Shape& shape, Random* random)
      : dim_(shape.dim), count_(std::max<size_t>(16, static_cast<size_t>(std::sqrt(shape.rows) / 2))) {
    centres_.resize(count_ * dim_);
    for (float& value : centres_) value = static_cast<float>(random->Gaussian());
    axes_.resize(count_ * kOwnDirections * dim_);
    for (float& value : axes_) value = static_cast<float>(random->Gaussian() / std::sqrt(double{kOwnDirections}));
  }
  void Draw(Random* random, float* out) const {
    // The square makes some clusters much larger than others.
    const double unit = random->Unit();
    const auto cluster = static_cast<size_t>(unit * unit * static_cast<double>(count_));
    const float* centre = centres_.data() + cluster * dim_;
    for (size_t j = 0; j < dim_; ++j) out[j] = centre[j] + static_cast<float>(random->Gaussian() * kNoise);
    for (size_t i = 0; i < kOwnDirections; ++i) {
      const float* axis = axes_.data() + (cluster * kOwnDirections + i) * dim_;
      const auto along = static_cast<float>(random->Gaussian() * kSpread);
      for (size_t j = 0; j < dim_; ++j) out[j] += along * axis[j];
    }
  }

 private:
  const size_t dim_, count_;
  std::vector<float> centres_, axes_;
};

Matrix Drawn(const Clusters& clusters, size_t rows, size_t dim, Random* random) {
  Matrix matrix{dim, std::vector<float>(rows * dim)};
  for (size_t i = 0; i < rows; ++i) clusters.Draw(random, matrix.values.data() + i * dim);
  return matrix;
}

}  // namespace

void GenerateClusters(const Shape& shape, DataSet* data) {
  Random random(shape.seed);
  const Clusters clusters(shape, &random);
  data->base = Drawn(clusters, shape.rows, shape.dim, &random);
  data->queries = Drawn(clusters, shape.queries, shape.dim, &random);
}

void Normalise(Matrix* matrix) {
  for (size_t i = 0; i < matrix->rows(); ++i) {
    float* row = matrix->values.data() + i * matrix->dim;
    double squares = 0;
    for (size_t j = 0; j < matrix->dim; ++j) squares += static_cast<double>(row[j]) * row[j];
    const auto scale = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 1);
    for (size_t j = 0; j < matrix->dim; ++j) row[j] *= scale;
  }
}

void ComputeTruth(size_t k, Executor* executor, DataSet* data) {
  const index::RowFormat format{index::ElementType::kF32, data->distance, static_cast<uint32_t>(data->base.dim)};
  const index::RegionRows rows(reinterpret_cast<const std::byte*>(data->base.values.data()), format.row_bytes());
  data->truth_k = std::min(k, data->base.rows());
  data->truth.resize(data->queries.rows() * data->truth_k);
  const size_t count = data->queries.rows(), blocks = (count + kQueriesPerBlock - 1) / kQueriesPerBlock;
  const LocalId end{static_cast<uint32_t>(data->base.rows())};
  executor->ParallelFor(blocks, [&](size_t block) {
    const size_t first = block * kQueriesPerBlock, last = std::min(count, first + kQueriesPerBlock);
    std::vector<index::Query> queries;
    std::vector<const index::Query*> pointers;
    for (size_t i = first; i < last; ++i) {
      auto query = index::Query::Make(format, {data->queries.row(i), data->queries.dim});
      LINEAL_CHECK(query.ok());
      queries.push_back(*std::move(query));
    }
    for (const index::Query& query : queries) pointers.push_back(&query);
    const std::vector<index::SearchParams> params(queries.size(), {.top_k = data->truth_k});
    const auto nearest = index::ScanRangeForAll(pointers, rows.view(), LocalId{0}, end, params);
    for (size_t i = first; i < last; ++i) {
      for (size_t j = 0; j < data->truth_k; ++j) data->truth[i * data->truth_k + j] = Raw(nearest[i - first][j].id);
    }
  });
}

}  // namespace lineal::bench
