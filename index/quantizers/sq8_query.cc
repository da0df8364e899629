#include "index/quantizers/sq8_query.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "base/coding.h"
#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

constexpr float kDeviations = 3;
// Times 2^32 still a number: distances of huge rows keep their order, and none is neither near nor far.
constexpr float kSquareMax = 0x1p94f;
constexpr std::array<std::byte, kCodeDimMax> kOnes = [] {
  std::array<std::byte, kCodeDimMax> ones{};
  ones.fill(std::byte{1});
  return ones;
}();

}  // namespace

void Sq8Query::Free::operator()(std::byte* bytes) const { std::free(bytes); }

// With codes c of a row and q of the query, z the zero point and s the step:
//   L2: s^2 (sum q^2 + sum c^2 - 2 sum qc);  dot: -s^2 (sum qc - z sum q - z sum c + dim z^2).
// Rows hold c - 128: sum qc = sum q(c - 128) + 128 sum q. Rows under cosine have length 1: L2 / 2 - 1 is minus their
// product.
Sq8Query::Sq8Query(const Sq8Codes& codes) : codes_(codes), dot_(ActiveKernels().code_dot) {
  codes_of_query_.reset(
      static_cast<std::byte*>(std::aligned_alloc(kCodeBlock, std::max<size_t>(codes.stride(), kCodeBlock))));
  LINEAL_CHECK(codes_of_query_ != nullptr);
  std::fill(codes_of_query_.get(), codes_of_query_.get() + codes.stride(), std::byte{0});
  const float square = std::min(codes.range().step * codes.range().step, kSquareMax);
  const Distance distance = codes.format().distance;
  factor_ = distance == Distance::kDot ? 1 : -2;
  scale_ = distance == Distance::kDot ? -square : distance == Distance::kCosine ? square / 2 : square;
  offset_ = distance == Distance::kCosine ? -1.0f : 0.0f;
}

void Sq8Query::SetTerm(int32_t sum, int32_t squares) {
  if (codes_.format().distance == Distance::kDot) {
    const int32_t zero_point = codes_.range().zero_point();
    term_ = (128 - zero_point) * sum + static_cast<int32_t>(codes_.format().dim) * zero_point * zero_point;
  } else {
    term_ = squares - 256 * sum;
  }
}

void Sq8Query::SetQuery(const Query& query) {
  const Sq8Range& range = codes_.range();
  const auto* values = reinterpret_cast<const float*>(query.prepared());
  const float scale = 1 / range.step, shift = 0.5f - range.low * scale;
  int32_t sum = 0, squares = 0;
  float norm = 0;
  for (uint32_t i = 0; i < codes_.format().dim; ++i) {
    // In this order no number becomes 0, which a range that is next to nothing can bring about.
    const auto code = static_cast<int32_t>(std::min(255.0f, std::max(0.0f, values[i] * scale + shift)));
    codes_of_query_[i] = static_cast<std::byte>(code);
    sum += code;
    squares += code * code;
    norm += values[i] * values[i];
  }
  SetTerm(sum, squares);
  deviation_ = std::sqrt(range.mean_square_error * (norm + range.mean_square_norm));
}

void Sq8Query::SetRow(uint32_t id) {
  LINEAL_CHECK(codes_.format().distance != Distance::kDot);
  const std::byte* row = codes_.at(id);
  const size_t stride = codes_.stride();
  for (size_t i = 0; i < stride; i += sizeof(uint64_t)) {
    const uint64_t codes = LoadFixed<uint64_t>(row + i) ^ 0x8080808080808080u;
    std::memcpy(codes_of_query_.get() + i, &codes, sizeof codes);
  }
  // Padding is 128 here, and zero in every row.
  const std::byte* ones[4] = {kOnes.data(), kOnes.data(), kOnes.data(), kOnes.data()};
  int32_t sums[4];
  dot_(codes_of_query_.get(), ones, stride, sums);
  SetTerm(sums[0] - 128 * static_cast<int32_t>(stride - codes_.format().dim), codes_.terms()[id]);
}

float Sq8Query::LowerBound(float distance) const {
  const RowFormat& format = codes_.format();
  const float error = codes_.range().mean_square_error;
  if (format.distance == Distance::kDot) return distance - kDeviations * deviation_;
  // Both operands are off by `error`: a square distance by twice that a component, and by noise that grows with it.
  const bool cosine = format.distance == Distance::kCosine;
  const float square = std::max(0.0f, cosine ? 2 * (distance + 1) : distance);
  const float bound =
      square - 2 * error * static_cast<float>(format.dim) - kDeviations * 2 * std::sqrt(square * 2 * error);
  return cosine ? bound / 2 - 1 : bound;
}

}  // namespace lineal::index
