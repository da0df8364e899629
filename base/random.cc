#include "base/random.h"

#include <cmath>
#include <numbers>

#include <sys/random.h>

#include "base/check.h"

namespace lineal {

double Random::Gaussian() {
  double u = 1.0 - Unit();
  double v = Unit();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

uint64_t SystemSeed() {
  uint64_t seed = 0;
  LINEAL_CHECK(getrandom(&seed, sizeof seed, 0) == sizeof seed);
  return seed;
}

}  // namespace lineal
