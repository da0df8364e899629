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

namespace lineal::index {

class Assignment {
 public:
  // `centroids`, dim floats each, outlive this.
  Assignment(std::span<const float> centroids, uint32_t dim);

  // out[i]: the list of row i of `count` rows of dim floats.
  void Find(const float* rows, size_t count, uint32_t* out) const;

  // As many lists and more are grouped.
  static constexpr size_t kGroupedFrom = 2'048;

 private:
  struct Group {
    std::vector<uint32_t> lists;
    std::vector<float> centroids;  // theirs
  };
  std::vector<std::vector<uint32_t>> Lookers(const float* rows, size_t count) const;

  const std::span<const float> centroids_;
  const uint32_t dim_;
  std::vector<float> tops_;  // of the groups; none: lists are few
  std::vector<Group> groups_;
};

}  // namespace lineal::index
