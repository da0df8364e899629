#include "index/batch/batch_distance.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <vector>

#include "base/check.h"
#include "index/batch/dot_block.h"
#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

constexpr size_t kCentroidsPerBlock = 512;

VectorRun RunOf(const float* vectors, size_t count, size_t dim) {
  return {reinterpret_cast<const std::byte*>(vectors), dim * sizeof(float), count};
}

// Less their mean, and so are rows: distances by inner products lose what vectors have in common.
struct Centroids {
  std::unique_ptr<float[]> values;
  size_t count, dim;
  std::vector<float> mean;
  std::vector<float> parts;  // LowerPartOfL2 of each
};

void Subtract(const float* __restrict from, const float* __restrict what, size_t dim, float* __restrict to) {
  for (size_t i = 0; i < dim; ++i) to[i] = from[i] - what[i];
}

Centroids WithoutMean(const float* values, size_t count, size_t dim) {
  Centroids centroids{std::make_unique_for_overwrite<float[]>(count * dim), count, dim, std::vector<float>(dim), {}};
  std::vector<double> sums(dim);
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < dim; ++j) sums[j] += values[i * dim + j];
  }
  for (size_t i = 0; i < dim; ++i) centroids.mean[i] = static_cast<float>(sums[i] / static_cast<double>(count));
  for (size_t i = 0; i < count; ++i) {
    Subtract(values + i * dim, centroids.mean.data(), dim, centroids.values.get() + i * dim);
  }
  return centroids;
}

class NearestOfBlock {
 public:
  NearestOfBlock(const Centroids& centroids, size_t rows_max)
      : centroids_(centroids),
        moved_(std::make_unique_for_overwrite<float[]>(rows_max * centroids.dim)),
        dots_(std::make_unique_for_overwrite<float[]>(rows_max * std::min(kCentroidsPerBlock, centroids.count))),
        parts_(rows_max),
        best_(rows_max) {}

  void Find(const float* rows, size_t count, uint32_t* nearest, float* distance) {
    for (size_t i = 0; i < count; ++i) {
      Subtract(rows + i * centroids_.dim, centroids_.mean.data(), centroids_.dim, moved_.get() + i * centroids_.dim);
    }
    const VectorRun left = RunOf(moved_.get(), count, centroids_.dim);
    for (size_t i = 0; i < count; ++i) {
      parts_[i] = LowerPartOfL2(dot_(left.at(i), left.at(i), centroids_.dim), centroids_.dim);
      best_[i] = std::numeric_limits<float>::infinity();
      nearest[i] = 0;
    }
    for (size_t first = 0; first < centroids_.count; first += kCentroidsPerBlock) {
      const size_t width = std::min(kCentroidsPerBlock, centroids_.count - first);
      const float* values = centroids_.values.get() + first * centroids_.dim;
      DotBlock(tile_, left, RunOf(values, width, centroids_.dim), centroids_.dim, dots_.get());
      for (size_t i = 0; i < count; ++i) {
        const DotBounds bounds{centroids_.parts.data() + first, dots_.get() + i * width, 1, 2, width};
        Narrow(left.at(i), parts_[i], first, bounds, &nearest[i], &best_[i]);
      }
    }
    if (distance != nullptr) std::copy_n(best_.begin(), count, distance);
  }

 private:
  // Measures the likeliest first, so that few of the others are left to measure.
  void Narrow(const std::byte* row, float part, size_t first, const DotBounds& bounds, uint32_t* nearest, float* best) {
    const auto offer = [&](size_t j) {
      const auto* centroid = reinterpret_cast<const std::byte*>(centroids_.values.get() + (first + j) * centroids_.dim);
      const float distance = l2_(row, centroid, centroids_.dim);
      const auto index = static_cast<uint32_t>(first + j);
      if (distance < *best || (distance == *best && index < *nearest)) *best = distance, *nearest = index;
    };
    const size_t likeliest = least_bound_(bounds);
    offer(likeliest);
    const size_t found = bounds_within_(bounds, *best - part, positions_);
    for (size_t k = 0; k < found; ++k) {
      const size_t j = positions_[k];
      if (j != likeliest && !(bounds.parts[j] - bounds.dots[j] * 2 > *best - part)) offer(j);
    }
  }

  const Centroids& centroids_;
  const KernelOne l2_ = KernelOf(ActiveKernels(), Operands::kF32F32, Sum::kL2).one;
  const KernelOne dot_ = KernelOf(ActiveKernels(), Operands::kF32F32, Sum::kDot).one;
  const DotTile tile_ = ActiveKernels().dot_tiles[static_cast<size_t>(Operands::kF32F32)];
  const LeastBound least_bound_ = ActiveKernels().least_bound;
  const BoundsWithin bounds_within_ = ActiveKernels().bounds_within;
  const std::unique_ptr<float[]> moved_, dots_;
  std::vector<float> parts_, best_;
  uint32_t positions_[kCentroidsPerBlock];
};

}  // namespace

void NearestByL2(const float* rows, size_t count, const float* centroids, size_t centroid_count, size_t dim,
                 uint32_t* nearest, float* distance, Executor* executor, size_t parallelism) {
  LINEAL_CHECK(centroid_count > 0 && dim > 0);
  Centroids known = WithoutMean(centroids, centroid_count, dim);
  const VectorRun run = RunOf(known.values.get(), centroid_count, dim);
  const KernelOne dot = KernelOf(ActiveKernels(), Operands::kF32F32, Sum::kDot).one;
  known.parts.resize(centroid_count);
  for (size_t j = 0; j < centroid_count; ++j) known.parts[j] = LowerPartOfL2(dot(run.at(j), run.at(j), dim), dim);

  const size_t step = std::clamp<size_t>(count, 1, LeftRunMax(dim * sizeof(float))), blocks = (count + step - 1) / step;
  std::atomic<size_t> next{0};
  const auto share = [&](size_t) {
    NearestOfBlock block(known, step);
    for (size_t b; (b = next.fetch_add(1)) < blocks;) {
      const size_t at = b * step;
      block.Find(rows + at * dim, std::min(step, count - at), nearest + at,
                 distance == nullptr ? nullptr : distance + at);
    }
  };
  const size_t shares = std::min(blocks, parallelism);
  if (executor != nullptr && shares > 1) return executor->ParallelFor(shares, share);
  if (blocks > 0) share(0);
}

}  // namespace lineal::index
