#include "index/quantizers/rabitq.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/check.h"

namespace lineal::index {
namespace {

constexpr size_t kGroup = 4;           // components that share a table
constexpr size_t kTable = 16;          // entries, of a byte each
constexpr size_t kGroupsTogether = 4;  // of which a block has a whole number
constexpr uint32_t kDimMax = 8'192;
constexpr float kSumMax = 65'535;

size_t GroupsOf(uint32_t dim) {
  return (dim + kGroup * kGroupsTogether - 1) / (kGroup * kGroupsTogether) * kGroupsTogether;
}

// The upper half of a float, rounded to nearest.
uint16_t UpperHalf(float value) { return static_cast<uint16_t>((std::bit_cast<uint32_t>(value) + 0x8000u) >> 16); }
float FloatOf(uint16_t half) { return std::bit_cast<float>(static_cast<uint32_t>(half) << 16); }

struct Terms {
  float addend, factor, error;
};

void Put(const Terms& terms, size_t slot, size_t groups, std::byte* block) {
  std::byte* at = block + groups * kTable;
  const uint16_t factor = UpperHalf(terms.factor), error = UpperHalf(terms.error);
  std::memcpy(at + slot * sizeof(float), &terms.addend, sizeof(float));
  at += kScanRows * sizeof(float);
  std::memcpy(at + slot * sizeof factor, &factor, sizeof factor);
  std::memcpy(at + (kScanRows + slot) * sizeof error, &error, sizeof error);
}

}  // namespace

bool CanRabitq(const RowFormat& format) {
  return format.type != ElementType::kU8 && format.distance != Distance::kL1 && format.dim <= kDimMax;
}

size_t RabitqBlockBytes(uint32_t dim) { return ScanBlockBytes(GroupsOf(dim)); }

void CopyRabitqCode(uint32_t dim, const std::byte* from, size_t from_slot, std::byte* to, size_t to_slot) {
  const size_t groups = GroupsOf(dim);
  const int from_shift = from_slot < kScanRows / 2 ? 0 : 4, to_shift = to_slot < kScanRows / 2 ? 0 : 4;
  const std::byte* pairs = from + from_slot % (kScanRows / 2);
  std::byte* at = to + to_slot % (kScanRows / 2);
  for (size_t group = 0; group < groups; ++group, pairs += kTable, at += kTable) {
    *at |= (*pairs >> from_shift & std::byte{15}) << to_shift;
  }
  // As Put() lays them out: addends of four bytes, then factors and errors of two.
  const std::byte* terms = from + groups * kTable;
  std::byte* own = to + groups * kTable;
  std::memcpy(own + to_slot * 4, terms + from_slot * 4, 4);
  terms += kScanRows * 4, own += kScanRows * 4;
  std::memcpy(own + to_slot * 2, terms + from_slot * 2, 2);
  std::memcpy(own + (kScanRows + to_slot) * 2, terms + (kScanRows + from_slot) * 2, 2);
}

RabitqEncoder::RabitqEncoder(Distance distance, const Rotation& rotation, std::span<const float> center)
    : distance_(distance), rotation_(rotation), center_(center), offset_(center.size()) {}

void RabitqEncoder::SetCentroid(std::span<const float> centroid) {
  centroid_.assign(centroid.begin(), centroid.end());
  rotated_centroid_ = centroid_;
  for (size_t i = 0; i < center_.size(); ++i) rotated_centroid_[i] -= center_[i];
  rotation_.Apply(rotated_centroid_.data());
}

// With x the row, c the centroid, q the query, r = x - c, s the signs of r rotated by P, f = |r|^2 / sum |Pr|:
// <r, q - c> is estimated by f <s, P(q - c)>, with a standard error of |r| |q - c| e / sqrt(dim - 1), where
// e^2 = dim |r|^2 / (sum |Pr|)^2 - 1.
//   L2:  |r|^2 + |q - c|^2 - 2 <r, q - c>;  dot: -<c, q> - <r, c> - <r, q - c>.
// P(q - c) is P(q - m) less P(c - m), m the center; the part of c is the row's own and goes into the addend.
void RabitqEncoder::Encode(std::span<const float> values, size_t slot, std::byte* block) {
  const size_t dim = center_.size(), groups = GroupsOf(static_cast<uint32_t>(dim));
  float square = 0, product = 0;
  for (size_t i = 0; i < dim; ++i) {
    offset_[i] = values[i] - centroid_[i];
    square += offset_[i] * offset_[i];
    product += offset_[i] * centroid_[i];
  }
  rotation_.Apply(offset_.data());
  float sum = 0, with_centroid = 0;
  const size_t shift = slot < kScanRows / 2 ? 0 : 4;
  for (size_t i = 0; i < dim; ++i) {
    const bool positive = offset_[i] >= 0;
    sum += std::abs(offset_[i]);
    with_centroid += positive ? rotated_centroid_[i] : -rotated_centroid_[i];
    if (positive) {
      std::byte& pair = block[i / kGroup * kTable + slot % (kScanRows / 2)];
      pair |= static_cast<std::byte>(1u << (i % kGroup + shift));
    }
  }
  const float times = distance_ == Distance::kDot ? 1.0f : 2.0f;
  const float scale = sum > 0 ? square / sum : 0.0f;
  const auto size = static_cast<float>(dim);
  const float spread =
      sum > 0 ? std::sqrt(std::max(0.0f, size * square / (sum * sum) - 1) / std::max(1.0f, size - 1)) : 0;
  Terms terms;
  terms.factor = FloatOf(UpperHalf(-times * scale));
  terms.addend = (distance_ == Distance::kDot ? -product : square) - terms.factor * with_centroid;
  terms.error = times * std::sqrt(square) * spread;
  Put(terms, slot, groups, block);
}

void RabitqEncoder::Close(size_t slot, std::byte* block) const {
  const size_t groups = GroupsOf(static_cast<uint32_t>(center_.size()));
  for (; slot < kScanRows; ++slot) Put({std::numeric_limits<float>::infinity(), 0, 0}, slot, groups, block);
}

void RabitqQuery::Free::operator()(std::byte* bytes) const { std::free(bytes); }

RabitqQuery::RabitqQuery(Distance distance, const Rotation& rotation, std::span<const float> center,
                         std::span<const float> values)
    : distance_(distance), groups_(GroupsOf(rotation.dim())) {
  std::vector<float> rotated(groups_ * kGroup, 0.0f);
  for (size_t i = 0; i < values.size(); ++i) rotated[i] = values[i] - center[i];
  rotation.Apply(rotated.data());

  // A table's entries are sums of the components whose bits are set; less the least of them they begin at zero.
  float total = 0, least = 0, widest = 0;
  for (size_t group = 0; group < groups_; ++group) {
    float width = 0;
    for (size_t i = group * kGroup; i < (group + 1) * kGroup; ++i) {
      total += rotated[i];
      least += std::min(rotated[i], 0.0f);
      width += std::abs(rotated[i]);
    }
    widest = std::max(widest, width);
  }
  const float entry_max = std::min(255.0f, std::floor(kSumMax / static_cast<float>(groups_)));
  const float step = widest > 0 ? widest / entry_max : 1.0f;
  tables_.reset(static_cast<std::byte*>(std::aligned_alloc(64, groups_ * kTable)));
  LINEAL_CHECK(tables_ != nullptr);
  for (size_t group = 0; group < groups_; ++group) {
    const float* components = rotated.data() + group * kGroup;
    float sums[kTable];
    sums[0] = 0.5f;  // rounds what is cut below
    for (size_t i = 0; i < kGroup; ++i) sums[0] -= std::min(components[i], 0.0f) / step;
    for (size_t entry = 1; entry < kTable; ++entry) {
      sums[entry] = sums[entry & (entry - 1)] + components[std::countr_zero(entry)] / step;
    }
    for (size_t entry = 0; entry < kTable; ++entry) {
      tables_[group * kTable + entry] = static_cast<std::byte>(std::clamp(sums[entry], 0.0f, entry_max));
    }
  }
  // Signs are twice the bits less one.
  scale_ = 2 * step;
  bias_ = 2 * least - total;
}

ScanQuery RabitqQuery::ForList(float square, float product, float deviations) const {
  ScanQuery query{tables_.get(), groups_, scale_, bias_, 0, 0};
  query.offset = distance_ == Distance::kDot ? -product : square;
  query.spread = deviations * std::sqrt(std::max(square, 0.0f));
  return query;
}

}  // namespace lineal::index
