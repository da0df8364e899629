#include "index/ivf/kmeans.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "base/random.h"
#include "index/batch/batch_distance.h"

namespace lineal::index {
namespace {

constexpr uint32_t kOneLevelMax = 1'024;
// A cluster of less than this share of the mean gives its centroid to one of more than twice the mean.
constexpr double kTooSmall = 0.125;
constexpr double kTooLarge = 2;
constexpr float kNudge = 1.0f / 1024;

bool Cancelled(const KMeansOptions& options) { return options.cancelled != nullptr && options.cancelled->load(); }

std::vector<float> RandomRows(const float* rows, size_t count, uint32_t dim, uint32_t wanted, Random* random) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::vector<float> chosen;
  chosen.reserve(size_t{wanted} * dim);
  for (size_t i = 0; i < wanted; ++i) {
    std::swap(order[i], order[i + random->Below(count - i)]);
    chosen.insert(chosen.end(), rows + size_t{order[i]} * dim, rows + size_t{order[i] + 1} * dim);
  }
  return chosen;
}

// Means of the clusters; one without rows stays where it was. Returns the sizes.
std::vector<uint32_t> MoveToMeans(const float* rows, const std::vector<uint32_t>& nearest, uint32_t dim,
                                  std::vector<float>* centroids) {
  const size_t clusters = centroids->size() / dim;
  std::vector<uint32_t> sizes(clusters, 0);
  std::vector<double> sums(centroids->size(), 0.0);
  for (size_t i = 0; i < nearest.size(); ++i) {
    ++sizes[nearest[i]];
    double* sum = sums.data() + size_t{nearest[i]} * dim;
    const float* row = rows + i * dim;
    for (uint32_t j = 0; j < dim; ++j) sum[j] += row[j];
  }
  for (size_t i = 0; i < centroids->size(); ++i) {
    if (const uint32_t size = sizes[i / dim]; size > 0) (*centroids)[i] = static_cast<float>(sums[i] / size);
  }
  return sizes;
}

void MoveBesideTheFullest(std::vector<uint32_t> sizes, size_t rows, uint32_t dim, std::vector<float>* centroids) {
  const double mean = static_cast<double>(rows) / static_cast<double>(sizes.size());
  std::vector<uint32_t> by_size(sizes.size());
  std::iota(by_size.begin(), by_size.end(), 0u);
  std::sort(by_size.begin(), by_size.end(), [&](uint32_t a, uint32_t b) { return sizes[a] < sizes[b]; });
  size_t full = by_size.size();
  for (uint32_t small : by_size) {
    if (sizes[small] >= kTooSmall * mean || full == 0) return;
    const uint32_t large = by_size[--full];
    if (sizes[large] <= kTooLarge * mean) return;
    float* from = centroids->data() + size_t{large} * dim;
    float* to = centroids->data() + size_t{small} * dim;
    for (uint32_t j = 0; j < dim; ++j) {
      const float nudge = j % 2 == 0 ? kNudge : -kNudge;
      to[j] = from[j] * (1 + nudge);
      from[j] *= 1 - nudge;
    }
  }
}

std::vector<float> OneLevel(const float* rows, size_t count, uint32_t dim, uint32_t clusters,
                            const KMeansOptions& options) {
  Random random(options.seed);
  std::vector<float> centroids = RandomRows(rows, count, dim, clusters, &random);
  std::vector<uint32_t> nearest(count);
  std::vector<float> distances(count);
  for (int i = 0; i < options.iterations && !Cancelled(options); ++i) {
    NearestByL2(rows, count, centroids.data(), clusters, dim, nearest.data(), distances.data(), options.executor,
                options.parallelism);
    std::vector<uint32_t> sizes = MoveToMeans(rows, nearest, dim, &centroids);
    if (i + 1 < options.iterations) MoveBesideTheFullest(std::move(sizes), count, dim, &centroids);
  }
  return centroids;
}

// Clusters of clusters: each of the first level gets its share of the second's.
std::vector<float> TwoLevels(const float* rows, size_t count, uint32_t dim, uint32_t clusters,
                             const KMeansOptions& options) {
  const auto first = static_cast<uint32_t>(std::sqrt(static_cast<double>(clusters)));
  const std::vector<float> top = OneLevel(rows, count, dim, first, options);
  std::vector<uint32_t> nearest(count);
  std::vector<float> distances(count);
  NearestByL2(rows, count, top.data(), first, dim, nearest.data(), distances.data(), options.executor,
              options.parallelism);
  std::vector<std::vector<uint32_t>> members(first);
  for (uint32_t i = 0; i < count; ++i) members[nearest[i]].push_back(i);

  std::vector<float> centroids;
  centroids.reserve(size_t{clusters} * dim);
  size_t rows_left = count;
  uint32_t clusters_left = clusters;
  for (const std::vector<uint32_t>& member : members) {
    if (member.empty()) continue;
    const double share = static_cast<double>(member.size()) / static_cast<double>(rows_left);
    const auto wanted = std::clamp<uint32_t>(static_cast<uint32_t>(std::lround(share * clusters_left)), 1,
                                             static_cast<uint32_t>(std::min<size_t>(member.size(), clusters_left)));
    rows_left -= member.size();
    std::vector<float> part(member.size() * dim);
    for (size_t i = 0; i < member.size(); ++i) {
      std::memcpy(part.data() + i * dim, rows + size_t{member[i]} * dim, dim * sizeof(float));
    }
    const std::vector<float> found = OneLevel(part.data(), member.size(), dim, wanted, options);
    centroids.insert(centroids.end(), found.begin(), found.end());
    clusters_left -= wanted;
    if (clusters_left == 0) break;
  }
  return centroids;
}

}  // namespace

std::vector<float> KMeans(const float* rows, size_t count, uint32_t dim, uint32_t clusters,
                          const KMeansOptions& options) {
  clusters = static_cast<uint32_t>(std::min<size_t>(clusters, count));
  if (clusters == 0) return {};
  return clusters <= kOneLevelMax ? OneLevel(rows, count, dim, clusters, options)
                                  : TwoLevels(rows, count, dim, clusters, options);
}

}  // namespace lineal::index
