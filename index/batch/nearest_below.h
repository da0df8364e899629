// A walk over lower bounds that skips what cannot matter sixteen at a time.
#pragma once

#include <cstddef>

namespace lineal::index {

// Calls measure(j) for each j of [0, count) in order with parts[j] * part_scale - dots[j] * dot_scale <= limit(), and
// with a bound that is no number. limit() is asked anew after every call of measure.
template <class Limit, class Measure>
void ForEachNotAbove(const float* parts, float part_scale, const float* dots, float dot_scale, size_t count,
                     const Limit& limit, const Measure& measure) {
  constexpr size_t kStep = 16;
  const auto above = [&](size_t j, float bound) { return parts[j] * part_scale - dots[j] * dot_scale > bound; };
  float bound = limit();
  size_t j = 0;
  for (; j + kStep <= count; j += kStep) {
    // Without branches, so that the compiler makes vectors of it.
    int skipped = 0;
    for (size_t i = 0; i < kStep; ++i) skipped += above(j + i, bound) ? 1 : 0;
    if (skipped == static_cast<int>(kStep)) continue;
    for (size_t i = 0; i < kStep; ++i) {
      if (above(j + i, bound)) continue;
      measure(j + i);
      bound = limit();
    }
  }
  for (; j < count; ++j) {
    if (above(j, bound)) continue;
    measure(j);
    bound = limit();
  }
}

}  // namespace lineal::index
