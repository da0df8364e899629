// How one vector lies in memory and in a packed file: `dim` components of one element type. Cosine rows of floats (f32,
// f16, bf16) are normalised before they are encoded; u8 rows keep their raw components and carry their norm as a
// trailing float.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"

namespace lineal::index {

enum class ElementType : uint8_t { kF32, kF16, kU8, kBF16 };

// Smaller is nearer. kL2: squared Euclidean. kDot: negative inner product. kCosine: negative cosine similarity (on
// normalised rows the same as kDot). kL1: sum of absolute differences.
enum class Distance : uint8_t { kL2, kDot, kCosine, kL1 };

struct RowFormat {
  ElementType type = ElementType::kF32;
  Distance distance = Distance::kL2;
  uint32_t dim = 0;

  // Bytes of one row: components, the norm for u8 cosine, padding to a multiple of 4 bytes.
  size_t row_bytes() const;
  friend bool operator==(const RowFormat&, const RowFormat&) = default;
};

// Writes `values` (dim floats) as a row of row_bytes(); cosine rows are normalised (floats) or get their norm (u8).
// `norm`, if not null, receives the Euclidean norm of `values`. INVALID_ARGUMENT, with nothing promised of `row`, for a
// wrong number of components, NaN, infinity, a value that f16 or bf16 cannot hold, a u8 component outside 0..255
// (fractions are rounded), or a zero vector under cosine.
absl::Status EncodeRow(const RowFormat& format, std::span<const float> values, std::byte* row, float* norm = nullptr);
// The components as floats (normalised ones stay so).
void DecodeRow(const RowFormat& format, const std::byte* row, float* values);

// How images of such rows, or codes of them, begin: a magic number, the format, a number of the image's own.
void PutImageHead(std::string* image, uint32_t magic, const RowFormat& format, uint16_t own = 0);

// The score a user sees for a distance of this kind: -d for dot and cosine, sqrt(d) for L2, d for L1. And back.
float ScoreOfDistance(Distance distance, float d);
float DistanceOfScore(Distance distance, float score);

}  // namespace lineal::index
