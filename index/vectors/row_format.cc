#include "index/vectors/row_format.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/bfloat16.h"
#include "base/coding.h"
#include "base/half.h"
#include "base/status.h"

namespace lineal::index {
namespace {

// From here on a type rounds to infinity.
constexpr float kHalfLimit = 65'520.0f;
constexpr float kBfloat16Limit = 0x1.ffp127f;

size_t ElementBytes(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return 4;
    case ElementType::kF16:
    case ElementType::kBF16:
      return 2;
    case ElementType::kU8:
      return 1;
  }
  __builtin_unreachable();
}

absl::Status CheckComponent(const RowFormat& format, float value, size_t position) {
  if (!std::isfinite(value)) return InvalidArgument("component ", position, " is not a finite number");
  if (format.type == ElementType::kU8 && (value < 0 || value > 255)) {
    return InvalidArgument("component ", position, " is ", value, ", a u8 vector wants 0 to 255");
  }
  if (format.type == ElementType::kF16 && format.distance != Distance::kCosine && std::abs(value) >= kHalfLimit) {
    return InvalidArgument("component ", position, " is ", value, ", an f16 vector wants less than ", kHalfLimit);
  }
  if (format.type == ElementType::kBF16 && format.distance != Distance::kCosine && std::abs(value) >= kBfloat16Limit) {
    return InvalidArgument("component ", position, " is ", value, ", a bf16 vector wants less than ", kBfloat16Limit);
  }
  return absl::OkStatus();
}

absl::Status CheckValues(const RowFormat& format, std::span<const float> values) {
  if (values.size() != format.dim) {
    return InvalidArgument("vector has ", values.size(), " components, ", format.dim, " are wanted");
  }
  for (size_t i = 0; i < values.size(); ++i) {
    // One comparison settles the common case: false for NaN and for what may be out of range.
    if (std::abs(values[i]) < 1.0f && (format.type != ElementType::kU8 || values[i] >= 0)) continue;
    LINEAL_RETURN_IF_ERROR(CheckComponent(format, values[i], i));
  }
  return absl::OkStatus();
}

double NormOf(std::span<const float> values) {
  double squares = 0;
  for (float value : values) squares += static_cast<double>(value) * value;
  return std::sqrt(squares);
}

void PutFloats(std::span<const float> values, double scale, std::byte* row) {
  if (scale == 1) {
    std::memcpy(row, values.data(), values.size_bytes());
    return;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const float value = static_cast<float>(values[i] * scale);
    std::memcpy(row + i * sizeof value, &value, sizeof value);
  }
}

template <uint16_t (*kRound)(float)>
void PutHalves(std::span<const float> values, double scale, std::byte* row) {
  for (size_t i = 0; i < values.size(); ++i) {
    const uint16_t half = kRound(static_cast<float>(values[i] * scale));
    std::memcpy(row + i * sizeof half, &half, sizeof half);
  }
}

// Returns the norm of the rounded components.
double PutBytes(std::span<const float> values, std::byte* row) {
  uint64_t squares = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto component = static_cast<uint32_t>(std::lround(values[i]));
    row[i] = static_cast<std::byte>(component);
    squares += component * component;
  }
  return std::sqrt(static_cast<double>(squares));
}

}  // namespace

size_t RowFormat::row_bytes() const {
  const size_t components = (dim * ElementBytes(type) + 3) / 4 * 4;
  return components + (type == ElementType::kU8 && distance == Distance::kCosine ? sizeof(float) : 0);
}

absl::Status EncodeRow(const RowFormat& format, std::span<const float> values, std::byte* row, float* norm) {
  LINEAL_RETURN_IF_ERROR(CheckValues(format, values));
  const bool cosine = format.distance == Distance::kCosine;
  const double length = cosine || norm != nullptr ? NormOf(values) : 0;
  if (cosine && length == 0) return InvalidArgument("a zero vector has no direction, cosine distance wants one");
  if (norm != nullptr) *norm = static_cast<float>(length);
  if (values.empty()) return absl::OkStatus();

  const size_t bytes = format.row_bytes();
  std::memset(row + bytes - sizeof(uint32_t), 0, sizeof(uint32_t));  // padding, before the last components go over it
  switch (format.type) {
    case ElementType::kF32:
      PutFloats(values, cosine ? 1 / length : 1, row);
      break;
    case ElementType::kF16:
      PutHalves<HalfFromFloat>(values, cosine ? 1 / length : 1, row);
      break;
    case ElementType::kBF16:
      PutHalves<Bfloat16FromFloat>(values, cosine ? 1 / length : 1, row);
      break;
    case ElementType::kU8: {
      if (cosine) std::memset(row + bytes - 2 * sizeof(float), 0, sizeof(float));
      const float row_norm = static_cast<float>(PutBytes(values, row));
      if (!cosine) break;
      if (row_norm == 0)
        return InvalidArgument("a vector that rounds to zero has no direction, cosine distance wants one");
      std::memcpy(row + bytes - sizeof row_norm, &row_norm, sizeof row_norm);
      break;
    }
  }
  return absl::OkStatus();
}

void DecodeRow(const RowFormat& format, const std::byte* row, float* values) {
  switch (format.type) {
    case ElementType::kF32:
      if (format.dim > 0) std::memcpy(values, row, format.dim * sizeof(float));
      break;
    case ElementType::kF16:
      for (size_t i = 0; i < format.dim; ++i) values[i] = FloatFromHalf(LoadFixed<uint16_t>(row + i * 2));
      break;
    case ElementType::kBF16:
      for (size_t i = 0; i < format.dim; ++i) values[i] = FloatFromBfloat16(LoadFixed<uint16_t>(row + i * 2));
      break;
    case ElementType::kU8:
      for (size_t i = 0; i < format.dim; ++i) values[i] = std::to_integer<uint8_t>(row[i]);
      break;
  }
}

float ScoreOfDistance(Distance distance, float d) {
  switch (distance) {
    case Distance::kL2:
      return std::sqrt(std::max(d, 0.0f));
    case Distance::kDot:
    case Distance::kCosine:
      return 0.0f - d;
    case Distance::kL1:
      return d;
  }
  __builtin_unreachable();
}

float DistanceOfScore(Distance distance, float score) {
  switch (distance) {
    case Distance::kL2:
      return score * score;
    case Distance::kDot:
    case Distance::kCosine:
      return 0.0f - score;
    case Distance::kL1:
      return score;
  }
  __builtin_unreachable();
}

void PutImageHead(std::string* image, uint32_t magic, const RowFormat& format, uint16_t own) {
  PutFixed(image, magic);
  PutFixed(image, static_cast<uint8_t>(format.type));
  PutFixed(image, static_cast<uint8_t>(format.distance));
  PutFixed(image, own);
  PutFixed(image, format.dim);
}

}  // namespace lineal::index
