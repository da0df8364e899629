#include "bench/sets/clusters.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "base/strings.h"
#include "bench/sets/progress_line.h"

namespace lineal::bench {
namespace {

constexpr size_t kOwnDirections = 24;  // the inner dimension of a cluster
constexpr double kSpread = 0.6;        // of a cluster's rows along its own directions, centres being one apart
constexpr double kNoise = 0.08;        // in every direction

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
  ProgressLine progress(StrCat("rows of ", dim, " components"), rows);
  for (size_t i = 0; i < rows; ++i) {
    clusters.Draw(random, matrix.values.data() + i * dim);
    progress.Add(1);
  }
  return matrix;
}

}  // namespace

void GenerateClusters(const Shape& shape, DataSet* data) {
  Random random(shape.seed);
  const Clusters clusters(shape, &random);
  data->base = Drawn(clusters, shape.rows, shape.dim, &random);
  data->queries = Drawn(clusters, shape.queries, shape.dim, &random);
}

}  // namespace lineal::bench
