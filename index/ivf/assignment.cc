#include "index/ivf/assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "index/batch/batch_distance.h"
#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

// Groups that a row's list is looked for in, the nearest to it.
constexpr size_t kGroupsLookedAt = 12;

std::vector<uint32_t> NearestOf(const float* rows, size_t count, std::span<const float> centroids, uint32_t dim) {
  std::vector<uint32_t> nearest(count);
  std::vector<float> distances(count);
  NearestByL2(rows, count, centroids.data(), centroids.size() / dim, dim, nearest.data(), distances.data(), nullptr, 1);
  return nearest;
}

}  // namespace

Assignment::Assignment(std::span<const float> centroids, uint32_t dim, const ListGroups* groups)
    : centroids_(centroids), dim_(dim), groups_(groups), centroids_of_(groups == nullptr ? 0 : groups->size()) {
  for (size_t g = 0; g < centroids_of_.size(); ++g) {
    for (uint32_t list : groups->lists(g)) {
      const float* centroid = centroids.data() + size_t{list} * dim;
      centroids_of_[g].insert(centroids_of_[g].end(), centroid, centroid + dim);
    }
  }
}

// The rows that look into each group.
std::vector<std::vector<uint32_t>> Assignment::Lookers(const float* rows, size_t count) const {
  const KernelOne l2 = KernelOf(ActiveKernels(), Operands::kF32F32, Sum::kL2).one;
  const auto bytes = [](const float* vector) { return reinterpret_cast<const std::byte*>(vector); };
  std::vector<std::vector<uint32_t>> lookers(groups_->size());
  std::vector<std::pair<float, uint32_t>> order(groups_->size());
  const auto looked_at = static_cast<ptrdiff_t>(std::min(kGroupsLookedAt, order.size()));
  for (uint32_t i = 0; i < count; ++i) {
    for (uint32_t g = 0; g < groups_->size(); ++g) {
      order[g] = {l2(bytes(rows + size_t{i} * dim_), bytes(groups_->tops().data() + size_t{g} * dim_), dim_), g};
    }
    std::nth_element(order.begin(), order.begin() + looked_at - 1, order.end());
    for (ptrdiff_t n = 0; n < looked_at; ++n) lookers[order[static_cast<size_t>(n)].second].push_back(i);
  }
  return lookers;
}

void Assignment::Find(const float* rows, size_t count, uint32_t* out) const {
  if (groups_ == nullptr) {
    const std::vector<uint32_t> nearest = NearestOf(rows, count, centroids_, dim_);
    std::copy(nearest.begin(), nearest.end(), out);
    return;
  }
  const std::vector<std::vector<uint32_t>> lookers = Lookers(rows, count);
  std::vector<float> least(count, std::numeric_limits<float>::infinity()), part, distances;
  std::vector<uint32_t> nearest;
  std::fill_n(out, count, 0u);
  for (size_t g = 0; g < groups_->size(); ++g) {
    const std::vector<uint32_t>& lists = groups_->lists(g);
    if (lookers[g].empty() || lists.empty()) continue;
    part.clear();
    for (uint32_t i : lookers[g]) part.insert(part.end(), rows + size_t{i} * dim_, rows + size_t{i + 1} * dim_);
    nearest.resize(lookers[g].size());
    distances.resize(lookers[g].size());
    NearestByL2(part.data(), nearest.size(), centroids_of_[g].data(), lists.size(), dim_, nearest.data(),
                distances.data(), nullptr, 1);
    for (size_t n = 0; n < nearest.size(); ++n) {
      const uint32_t i = lookers[g][n];
      if (distances[n] < least[i]) least[i] = distances[n], out[i] = lists[nearest[n]];
    }
  }
}

}  // namespace lineal::index
