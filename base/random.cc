#include "base/random.h"

#include <algorithm>
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

std::string SecretBytes(size_t size) {
  std::string bytes(size, '\0');
  // The kernel gives up to so many at once, whole.
  constexpr size_t kAtOnce = 256;
  for (size_t done = 0; done < size; done += kAtOnce) {
    const size_t part = std::min(kAtOnce, size - done);
    LINEAL_CHECK(getrandom(bytes.data() + done, part, 0) == static_cast<ssize_t>(part));
  }
  return bytes;
}

}  // namespace lineal
