#include "index/quantizers/grid_code.h"

#include <algorithm>
#include <cmath>

namespace lineal::index {
namespace {

constexpr int kLengths = 16;
// The longest that is tried, in grid steps a standard deviation of the components: well above what suits a normal
// distribution (1 / 0.996, 1 / 0.335 and 1 / 0.031 for 2, 4 and 8 bits; Max 1960).
constexpr double kLongest[9] = {0, 1, 1.6, 2.6, 4.5, 8, 14, 27, 52};

// What a point's direction is worth when the vector is stretched by `stretch`: its coordinates are cut at the grid's
// end, and rounded down to halves.
GridFit Fit(const float* vector, size_t dim, float stretch, float last) {
  // In lanes, which a compiler can put into registers.
  float products[8] = {}, squares[8] = {};
  const auto add = [&](size_t i, size_t lane) __attribute__((always_inline)) {
    const float size = std::abs(vector[i]), far = size * stretch;
    const float at = static_cast<float>(static_cast<int32_t>(far < last ? far : last)) + 0.5f;
    products[lane] += size * at;
    squares[lane] += at * at;
  };
  size_t i = 0;
  for (; i + 8 <= dim; i += 8) {
    for (size_t lane = 0; lane < 8; ++lane) add(i + lane, lane);
  }
  for (; i < dim; ++i) add(i, 0);
  GridFit fit;
  for (size_t lane = 0; lane < 8; ++lane) fit.product += products[lane], fit.square += squares[lane];
  return fit;
}

double WorthOf(const GridFit& fit) { return fit.product / std::sqrt(fit.square); }

}  // namespace

GridFit NearestGridPoint(const float* vector, size_t dim, uint32_t bits, uint8_t* codes) {
  const auto half = static_cast<int32_t>(1u << (bits - 1));
  const auto last = static_cast<float>(half - 1) + 0.5f;
  float greatest = 0;
  double squares = 0;
  for (size_t i = 0; i < dim; ++i) {
    greatest = std::max(greatest, std::abs(vector[i]));
    squares += static_cast<double>(vector[i]) * vector[i];
  }
  float stretch = 0;
  if (greatest > 0 && squares > 0) {
    const double shortest = last / greatest;
    const double longest = std::max(kLongest[bits] * std::sqrt(static_cast<double>(dim) / squares), 1.05 * shortest);
    const double step = std::pow(longest / shortest, 1.0 / (kLengths - 1));
    double best = -1;
    for (int i = 0; i < kLengths; ++i) {
      const auto candidate = static_cast<float>(shortest * std::pow(step, i));
      const double worth = WorthOf(Fit(vector, dim, candidate, last));
      if (!(worth > best)) continue;
      best = worth;
      stretch = candidate;
    }
  }
  GridFit fit = Fit(vector, dim, stretch, last);
  for (size_t i = 0; i < dim; ++i) {
    const float size = std::abs(vector[i]), far = size * stretch;
    auto at = static_cast<int32_t>(far < last ? far : last);
    // A step outwards adds `size` to the product and 2 |coordinate| + 1 to the square, one inwards the reverse.
    for (const int32_t move : {1, -1}) {
      const int32_t moved = at + move;
      if (moved < 0 || moved >= half) continue;
      const double square = fit.square + (moved + at + 1) * move, product = fit.product + size * move;
      if (product * product * fit.square <= fit.product * fit.product * square) continue;
      fit = {product, square};
      at = moved;
      break;
    }
    codes[i] = static_cast<uint8_t>(vector[i] < 0 ? half - 1 - at : half + at);
  }
  return fit;
}

}  // namespace lineal::index
