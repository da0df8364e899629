#include "index/quantizers/packed_query.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

constexpr float kDeviations = 3;
constexpr float kRoundedMax = 127;

}  // namespace

PackedQuery::PackedQuery(const PackedCodes& codes, const Query& query) : codes_(codes) {
  const uint32_t dim = codes.format().dim;
  const auto* values = reinterpret_cast<const float*>(query.prepared());
  std::vector<float> rotated(dim);
  float square = 0, with_center = 0;
  for (uint32_t i = 0; i < dim; ++i) {
    rotated[i] = values[i] - codes.center()[i];
    square += rotated[i] * rotated[i];
    with_center += values[i] * codes.center()[i];
  }
  codes.rotation().Apply(rotated.data());
  float greatest = 0;
  for (float x : rotated) greatest = std::max(greatest, std::abs(x));
  step_ = greatest > 0 ? greatest / kRoundedMax : 1.0f;
  rounded_ = std::make_unique<int8_t[]>(dim);
  const float scale = 1 / step_;
  for (uint32_t i = 0; i < dim; ++i) {
    // Rounds to nearest; a quotient that is no number becomes the least.
    const float at = rotated[i] * scale + (kRoundedMax + 0.5f);
    rounded_[i] = static_cast<int8_t>(static_cast<int32_t>(at > 0 && at < 256 ? at : 0.0f) - 127);
  }
  offset_ = codes.format().distance == Distance::kL2 ? square : -with_center;
  // Rounding the query adds noise of step^2 / 12 a component, as a share of what codes of this width lose.
  const float rounding = square > 0 ? static_cast<float>(dim) * step_ * step_ / (12 * square) : 0;
  deviation_ = kDeviations * std::sqrt(square * (1 + rounding / codes.mean_square_error()));
  plan_ = PlanFor(codes, rounded_.get(), step_);
}

// With u the codes, c = (2^bits - 1) / 2 and k the rounded query: <p, q> = step (sum u k - c sum k).
PackedQuery::Plan PackedQuery::PlanFor(const PackedCodes& codes, const int8_t* rounded, float step) {
  const uint32_t dim = codes.format().dim, bits = codes.bits();
  Plan plan;
  plan.dot = ActiveKernels().packed_dots[PackedWidth(bits)];
  plan.bytes = codes.kernel_bytes();
  plan.query = std::make_unique<std::byte[]>(plan.bytes * (8 / bits));
  int32_t sum = 0;
  for (uint32_t i = 0; i < dim; ++i) sum += rounded[i];
  for (size_t begin = 0, plane = 0; begin < dim; begin += codes.code_bytes(), ++plane) {
    std::memcpy(plan.query.get() + plane * plan.bytes, rounded + begin,
                std::min<size_t>(codes.code_bytes(), dim - begin));
  }
  plan.scale = step;
  plan.bias = -step * static_cast<float>((1u << bits) - 1) / 2 * static_cast<float>(sum);
  return plan;
}

void PackedQuery::DistanceToThose(const PackedCodes& codes, std::span<const uint32_t> ids, float* out) const {
  const Plan plan = PlanFor(codes, rounded_.get(), step_);
  for (size_t i = 0; i < ids.size(); i += 4) {
    const size_t count = std::min<size_t>(4, ids.size() - i);
    const std::byte* rows[4];
    for (size_t j = 0; j < count; ++j) rows[j] = codes.at(ids[i + j]);
    DistanceToSome(codes, plan, rows, count, out + i);
  }
}

void PackedQuery::DistanceToAll(const PackedCodes& codes, float* out) const {
  const Plan plan = PlanFor(codes, rounded_.get(), step_);
  for (uint32_t i = 0; i < codes.rows(); i += 4) {
    const uint32_t count = std::min(4u, codes.rows() - i);
    const std::byte* rows[4];
    for (uint32_t j = 0; j < count; ++j) rows[j] = codes.at(i + j);
    DistanceToSome(codes, plan, rows, count, out + i);
  }
}

}  // namespace lineal::index
