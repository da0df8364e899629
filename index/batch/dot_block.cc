#include "index/batch/dot_block.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

#include "index/vectors/prefetch.h"

namespace lineal::index {
namespace {

// Sums of products of numbers that are greater than this might not fit a float.
constexpr float kGreatestSquares = FLT_MAX / 16;
// A quarter of a second-level cache of 1 MB.
constexpr size_t kLeftBytes = 256 << 10;

// Four vectors from `first` on; beyond the end of the run, its last again.
void PointAt(const VectorRun& run, size_t first, const std::byte** four) {
  for (size_t i = 0; i < 4; ++i) four[i] = run.at(std::min(first + i, run.count - 1));
}

}  // namespace

size_t LeftRunMax(size_t left_bytes) {
  return std::clamp<size_t>(kLeftBytes / std::max<size_t>(left_bytes, 1) / 4 * 4, 8, 256);
}

void DotBlock(DotTile tile, const VectorRun& left, const VectorRun& right, size_t dim, float* out) {
  const std::byte *lefts[4], *rights[4];
  float products[16];
  for (size_t j = 0; j < right.count; j += 4) {
    PointAt(right, j, rights);
    const size_t width = std::min<size_t>(4, right.count - j);
    // In order, while these four are worked on: the processor makes nothing of four streams.
    if (j + 8 <= right.count) PrefetchRow(right.at(j + 4), (4 * right.stride + kCacheLine - 1) / kCacheLine);
    for (size_t i = 0; i < left.count; i += 4) {
      PointAt(left, i, lefts);
      float* at = out + i * right.count + j;
      const size_t height = std::min<size_t>(4, left.count - i);
      if (width == 4 && height == 4) {
        tile(lefts, rights, dim, at, right.count);
        continue;
      }
      tile(lefts, rights, dim, products, 4);
      for (size_t k = 0; k < height; ++k) std::copy_n(products + 4 * k, width, at + k * right.count);
    }
  }
}

float ErrorShare(size_t dim) { return 4 * static_cast<float>(dim + 16) * (FLT_EPSILON / 2); }

float LowerPartOfL2(float squares, size_t dim) {
  if (!(squares < kGreatestSquares)) return -std::numeric_limits<float>::infinity();
  // Products below the normal numbers lose more than their share.
  return squares * (1 - ErrorShare(dim)) - static_cast<float>(dim) * FLT_MIN;
}

float LengthAbove(float squares, size_t dim) {
  if (!(squares < kGreatestSquares)) return std::numeric_limits<float>::infinity();
  return std::sqrt(squares + static_cast<float>(dim) * FLT_MIN) * (1 + ErrorShare(dim));
}

}  // namespace lineal::index
