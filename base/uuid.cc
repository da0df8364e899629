#include "base/uuid.h"

#include <sys/random.h>

#include "base/check.h"
#include "base/ids.h"

namespace lineal {

std::string NewUuid(int64_t wall_ms) {
  uint64_t random[2];
  LINEAL_CHECK(getrandom(random, sizeof random, 0) == static_cast<ssize_t>(sizeof random));
  const uint64_t high = static_cast<uint64_t>(wall_ms) << 16 | uint64_t{7} << 12 | (random[0] & 0xfff);
  const uint64_t low = uint64_t{2} << 62 | random[1] >> 2;
  return PointId::Uuid(high, low).ToString();
}

}  // namespace lineal
