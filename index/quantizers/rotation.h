// A random rotation that takes O(dim log dim): rounds of random signs and Walsh-Hadamard transforms, over the first and
// over the last power of two of the components in turn. It spreads over all components what lies in a few, so that
// codes of one bit a component lose as much in every direction (Gao and Long, RaBitQ, SIGMOD 2024, who use a dense
// rotation or padding).
//
// Threads: any.
#pragma once

#include <cstdint>
#include <vector>

namespace lineal::index {

class Rotation {
 public:
  // The same for the same dimension and seed.
  Rotation(uint32_t dim, uint64_t seed);
  // Rotates `values` (dim floats) in place.
  void Apply(float* values) const;
  uint32_t dim() const { return dim_; }

 private:
  // Where the part begins that a round transforms.
  uint32_t Begin(uint32_t round) const { return round % 2 == 0 ? 0 : dim_ - span_; }

  const uint32_t dim_;
  const uint32_t span_;       // the greatest power of two that is not above dim
  const uint32_t rounds_;     // two, or two for each end
  std::vector<float> signs_;  // rounds * dim
};

}  // namespace lineal::index
