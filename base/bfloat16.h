// The upper half of an IEEE single: 8 bits of exponent, 7 of mantissa. Rounded to nearest even; what is beyond the
// greatest finite one rounds to infinity.
#pragma once

#include <bit>
#include <cstdint>

namespace lineal {

inline uint16_t Bfloat16FromFloat(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>(bits >> 16 | 0x40u);  // NaN, kept one
  return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

inline float FloatFromBfloat16(uint16_t value) { return std::bit_cast<float>(static_cast<uint32_t>(value) << 16); }

}  // namespace lineal
