// IEEE half precision, rounded to nearest even.
#pragma once

#include <cstdint>

namespace lineal {

uint16_t HalfFromFloat(float value);
float FloatFromHalf(uint16_t half);

}  // namespace lineal
