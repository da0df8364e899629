// Which list a row belongs to: that of the nearest centroid or, where centroids are many, of the nearest among those of
// the few nearest groups of centroids. Brute force grows with rows times lists, the square of a segment; this
// with its power of one and a half.
//
// Threads: any; immutable once made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/ivf/list_groups.h"

namespace lineal::index {

class Assignment {
 public:
  // `centroids`, dim floats each, and their `groups`, null where they are few, outlive this.
  Assignment(std::span<const float> centroids, uint32_t dim, const ListGroups* groups);

  // out[i]: the list of row i of `count` rows of dim floats.
  void Find(const float* rows, size_t count, uint32_t* out) const;

 private:
  std::vector<std::vector<uint32_t>> Lookers(const float* rows, size_t count) const;

  const std::span<const float> centroids_;
  const uint32_t dim_;
  const ListGroups* const groups_;
  std::vector<std::vector<float>> centroids_of_;  // the groups' lists
};

}  // namespace lineal::index
