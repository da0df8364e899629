#include "index/batch/batch_distance.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <vector>

#include "base/check.h"
#include "index/batch/dot_block.h"
#include "index/batch/nearest_below.h"
#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

constexpr size_t kRowsPerBlock = 256;
constexpr size_t kCentroidsPerBlock = 1'024;

struct Centroids {
  const float* values;
  size_t count, dim;
  std::vector<float> parts;  // LowerPartOfL2 of each
};

// The least of LowerPart - 2 dot says where the search for the nearest starts: what lies there is near, so that few of
// the others are measured.
size_t LeastOf(const float* parts, const float* dots, size_t count) {
  float least = std::numeric_limits<float>::infinity();
  for (size_t j = 0; j < count; ++j) {
    const float value = parts[j] - 2 * dots[j];
    least = value < least ? value : least;
  }
  for (size_t j = 0; j < count; ++j) {
    if (parts[j] - 2 * dots[j] == least) return j;
  }
  return 0;
}

class NearestOfBlock {
 public:
  explicit NearestOfBlock(const Centroids& centroids)
      : centroids_(centroids), dots_(kRowsPerBlock * std::min(kCentroidsPerBlock, centroids.count)) {}

  void Find(const float* rows, size_t count, uint32_t* nearest, float* distance) {
    float parts[kRowsPerBlock], best[kRowsPerBlock];
    for (size_t i = 0; i < count; ++i) {
      parts[i] = LowerPartOfL2(rows + i * centroids_.dim, centroids_.dim);
      best[i] = std::numeric_limits<float>::infinity();
      nearest[i] = 0;
    }
    for (size_t first = 0; first < centroids_.count; first += kCentroidsPerBlock) {
      const size_t width = std::min(kCentroidsPerBlock, centroids_.count - first);
      DotBlock(rows, count, centroids_.values + first * centroids_.dim, width, centroids_.dim, dots_.data());
      for (size_t i = 0; i < count; ++i) {
        Narrow(rows + i * centroids_.dim, parts[i], first, dots_.data() + i * width, width, &nearest[i], &best[i]);
      }
    }
    if (distance != nullptr) std::copy(best, best + count, distance);
  }

 private:
  void Narrow(const float* row, float part, size_t first, const float* dots, size_t width, uint32_t* nearest,
              float* best) const {
    const float* parts = centroids_.parts.data() + first;
    const auto offer = [&](size_t j) {
      const auto* centroid = reinterpret_cast<const std::byte*>(centroids_.values + (first + j) * centroids_.dim);
      const float d = l2_(reinterpret_cast<const std::byte*>(row), centroid, centroids_.dim);
      const auto index = static_cast<uint32_t>(first + j);
      if (d < *best || (d == *best && index < *nearest)) *best = d, *nearest = index;
    };
    const size_t least = LeastOf(parts, dots, width);
    offer(least);
    ForEachNotAbove(
        parts, 1, dots, 2, width, [&] { return *best - part; },
        [&](size_t j) {
          if (j != least) offer(j);
        });
  }

  const Centroids& centroids_;
  const KernelOne l2_ = KernelOf(ActiveKernels(), Operands::kF32F32, Sum::kL2).one;
  std::vector<float> dots_;
};

}  // namespace

void NearestByL2(const float* rows, size_t count, const float* centroids, size_t centroid_count, size_t dim,
                 uint32_t* nearest, float* distance, Executor* executor, size_t parallelism) {
  LINEAL_CHECK(centroid_count > 0 && dim > 0);
  Centroids known{centroids, centroid_count, dim, std::vector<float>(centroid_count)};
  for (size_t j = 0; j < centroid_count; ++j) known.parts[j] = LowerPartOfL2(centroids + j * dim, dim);

  const size_t blocks = (count + kRowsPerBlock - 1) / kRowsPerBlock;
  std::atomic<size_t> next{0};
  const auto share = [&](size_t) {
    NearestOfBlock block(known);
    for (size_t b; (b = next.fetch_add(1)) < blocks;) {
      const size_t at = b * kRowsPerBlock;
      block.Find(rows + at * dim, std::min(kRowsPerBlock, count - at), nearest + at,
                 distance == nullptr ? nullptr : distance + at);
    }
  };
  const size_t shares = std::min(blocks, parallelism);
  if (executor != nullptr && shares > 1) return executor->ParallelFor(shares, share);
  if (blocks > 0) share(0);
}

}  // namespace lineal::index
