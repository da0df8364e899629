#include "index/ivf/list_groups.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "index/batch/batch_distance.h"
#include "index/ivf/kmeans.h"

namespace lineal::index {

std::shared_ptr<const ListGroups> ListGroups::Of(std::span<const float> centroids, uint32_t dim) {
  const size_t lists = centroids.size() / dim;
  if (lists < kGroupedFrom) return nullptr;
  auto made = std::make_shared<ListGroups>();
  const auto wanted = static_cast<uint32_t>(std::sqrt(static_cast<double>(lists)));
  made->tops_ = KMeans(centroids.data(), lists, dim, wanted, {});
  const size_t groups = made->tops_.size() / dim;
  std::vector<uint32_t> nearest(lists);
  NearestByL2(centroids.data(), lists, made->tops_.data(), groups, dim, nearest.data(), nullptr, nullptr, 1);
  made->lists_.resize(groups);
  for (uint32_t list = 0; list < lists; ++list) made->lists_[nearest[list]].push_back(list);
  for (size_t g = 0; g < groups; ++g) {
    const float* top = made->tops_.data() + g * dim;
    made->squares_.push_back(std::inner_product(top, top + dim, top, 0.0f));
  }
  return made;
}

std::vector<uint32_t> ListGroups::Near(const Query& to_centroids, bool dot, size_t wanted) const {
  std::vector<float> ranks(size());
  to_centroids.DistanceToRun(reinterpret_cast<const std::byte*>(tops_.data()), size(), ranks.data());
  std::vector<uint32_t> order(size());
  std::iota(order.begin(), order.end(), 0u);
  // Minus twice the inner product, but for what is the same for all.
  for (size_t g = 0; dot && g < size(); ++g) ranks[g] -= squares_[g];
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return ranks[a] < ranks[b]; });
  std::vector<uint32_t> near;
  for (size_t i = 0; i < order.size() && (i < kGroupsMin || near.size() < wanted); ++i) {
    near.insert(near.end(), lists_[order[i]].begin(), lists_[order[i]].end());
  }
  return near;
}

uint64_t ListGroups::memory_bytes() const {
  uint64_t bytes = (tops_.size() + squares_.size()) * sizeof(float);
  for (const std::vector<uint32_t>& lists : lists_) bytes += sizeof lists + lists.capacity() * sizeof(uint32_t);
  return bytes;
}

}  // namespace lineal::index
