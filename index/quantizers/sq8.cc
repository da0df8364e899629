#include "index/quantizers/sq8.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "index/kernels/kernel_table.h"

namespace lineal::index {
namespace {

constexpr uint64_t kSampleValues = 1'000'000;
constexpr uint64_t kSampleRowsMin = 1'000;
constexpr float kCodeMax = 255;
constexpr double kBytesShareMax = 0.75;
// Shares of the components that may be cut off on each side, if that makes the steps less than half as wide.
constexpr double kCuts[] = {0, 1e-6, 1e-5, 1e-4};
constexpr float kWorthCutting = 0.5f;
// Room on each side, as a share of the range, for rows that were not in the sample and for queries.
constexpr float kRoom = 0.05f;

std::vector<float> Sample(const RowFormat& format, const RowView& rows, uint32_t count,
                          const std::function<bool(LocalId)>& has) {
  const uint64_t wanted = std::max<uint64_t>(kSampleValues / std::max(format.dim, 1u), kSampleRowsMin);
  const uint64_t every = std::max<uint64_t>(1, count / wanted);
  std::vector<float> values;
  for (uint64_t i = 0; i < count; i += every) {
    const LocalId id{static_cast<uint32_t>(i)};
    if (!has(id)) continue;
    values.resize(values.size() + format.dim);
    DecodeRow(format, rows.at(id), values.data() + values.size() - format.dim);
  }
  return values;
}

// The least `ends` and the greatest `ends` of the values, each in order at its end; what lies between is in none.
void SortEnds(size_t ends, std::vector<float>* values) {
  if (2 * ends >= values->size()) return std::sort(values->begin(), values->end());
  const auto low = values->begin() + static_cast<ptrdiff_t>(ends), high = values->end() - static_cast<ptrdiff_t>(ends);
  std::nth_element(values->begin(), low, values->end());
  std::nth_element(low, high, values->end());
  std::sort(values->begin(), low);
  std::sort(high, values->end());
}

}  // namespace

int32_t Sq8Range::zero_point() const { return static_cast<int32_t>(std::lround(-low / step)); }

bool CanQuantize(const RowFormat& format) {
  return format.type != ElementType::kU8 && format.distance != Distance::kL1 && format.dim <= kCodeDimMax;
}

size_t CodeBytes(const RowFormat& format) { return (format.dim + kCodeBlock - 1) / kCodeBlock * kCodeBlock; }

bool CodesPay(const RowFormat& format) {
  return CanQuantize(format) && CodeBytes(format) <= kBytesShareMax * static_cast<double>(format.row_bytes());
}

Sq8Range TrainSq8(const RowFormat& format, const RowView& rows, uint32_t count,
                  const std::function<bool(LocalId)>& has) {
  std::vector<float> values = Sample(format, rows, count, has);
  Sq8Range best;
  if (values.empty()) return best;
  double squares = 0;
  for (float x : values) squares += static_cast<double>(x) * x;
  best.mean_square_norm = static_cast<float>(squares / static_cast<double>(values.size()) * format.dim);
  SortEnds(static_cast<size_t>(std::ceil(kCuts[std::size(kCuts) - 1] * static_cast<double>(values.size()))) + 1,
           &values);
  const bool with_zero = format.distance == Distance::kDot;
  best.low = with_zero ? std::min(values.front(), 0.0f) : values.front();
  float greatest_step = std::numeric_limits<float>::infinity();
  for (const double cut : kCuts) {
    const auto beyond = static_cast<size_t>(std::ceil(cut * static_cast<double>(values.size())));
    if (beyond * 2 >= values.size()) break;
    float low = values[beyond], high = values[values.size() - 1 - beyond];
    const float room = (high - low) * kRoom;
    if (room > 0) low -= room, high += room;
    if (with_zero) low = std::min(low, 0.0f), high = std::max(high, 0.0f);
    const float step = (high - low) / kCodeMax;
    if (!(step > 0) || !std::isfinite(step) || !(step < greatest_step)) continue;
    greatest_step = step * kWorthCutting;
    best.low = low;
    best.step = step;
  }
  best.mean_square_error = best.step * best.step / 12;
  // Zero is a code of its own then, and products of codes are products of components but for one factor.
  if (with_zero) best.low = -best.step * static_cast<float>(best.zero_point());
  return best;
}

}  // namespace lineal::index
