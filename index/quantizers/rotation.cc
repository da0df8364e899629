#include "index/quantizers/rotation.h"

#include <bit>
#include <cmath>

#include "base/random.h"

namespace lineal::index {
namespace {

void Transform(float* values, uint32_t span) {
  uint32_t half = 1;
  // Four at a time, so that the inner loops are never shorter than a register.
  if (span >= 4) {
    for (uint32_t i = 0; i < span; i += 4) {
      const float a = values[i] + values[i + 1], b = values[i] - values[i + 1];
      const float c = values[i + 2] + values[i + 3], d = values[i + 2] - values[i + 3];
      values[i] = a + c;
      values[i + 1] = b + d;
      values[i + 2] = a - c;
      values[i + 3] = b - d;
    }
    half = 4;
  }
  for (; half < span; half *= 2) {
    for (uint32_t i = 0; i < span; i += 2 * half) {
      float* low = values + i;
      float* high = low + half;
      for (uint32_t j = 0; j < half; ++j) {
        const float a = low[j], b = high[j];
        low[j] = a + b;
        high[j] = a - b;
      }
    }
  }
}

}  // namespace

Rotation::Rotation(uint32_t dim, uint64_t seed) : dim_(dim), span_(std::bit_floor(dim)), rounds_(span_ == dim ? 2 : 4) {
  Random random(seed);
  signs_.reserve(size_t{rounds_} * dim);
  // A transform lengthens its part by the root of its span; the signs take that back.
  const float shrink = 1 / std::sqrt(static_cast<float>(span_));
  for (uint32_t round = 0; round < rounds_; ++round) {
    for (uint32_t i = 0; i < dim; ++i) {
      const bool transformed = i - Begin(round) < span_;
      signs_.push_back((random.OneIn(2) ? 1.0f : -1.0f) * (transformed ? shrink : 1.0f));
    }
  }
}

void Rotation::Apply(float* values) const {
  for (uint32_t round = 0; round < rounds_; ++round) {
    const float* signs = signs_.data() + size_t{dim_} * round;
    for (uint32_t i = 0; i < dim_; ++i) values[i] *= signs[i];
    Transform(values + Begin(round), span_);
  }
}

}  // namespace lineal::index
