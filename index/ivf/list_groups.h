// Lists by where their centroids lie, for indexes of so many that looking at each centroid takes longer than what is
// done with those that are near: the few nearest groups are looked through instead.
//
// Threads: any; immutable once made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/vectors/query.h"

namespace lineal::index {

class ListGroups {
 public:
  // Of centroids of dim floats each, as many groups as the root of their number; null where they are few.
  static std::shared_ptr<const ListGroups> Of(std::span<const float> centroids, uint32_t dim);
  static constexpr size_t kGroupedFrom = 2'048;

  size_t size() const { return lists_.size(); }
  std::span<const float> tops() const { return tops_; }  // size() * dim, in the middle of each
  const std::vector<uint32_t>& lists(size_t group) const { return lists_[group]; }

  // The lists of the groups that are nearest to a query (under L2, or by inner products if `dot`), at least `wanted`
  // and those of kGroupsMin.
  std::vector<uint32_t> Near(const Query& to_centroids, bool dot, size_t wanted) const;
  uint64_t memory_bytes() const;

 private:
  static constexpr size_t kGroupsMin = 8;

  std::vector<float> tops_, squares_;
  std::vector<std::vector<uint32_t>> lists_;
};

}  // namespace lineal::index
