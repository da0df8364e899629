#include "engine/api/rfc3339.h"

#include <cstdio>
#include <ctime>

namespace lineal::engine {

std::string Rfc3339(int64_t time_us) {
  const int64_t micros = ((time_us % 1'000'000) + 1'000'000) % 1'000'000;
  const auto seconds = static_cast<time_t>((time_us - micros) / 1'000'000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[48];
  const size_t used = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const bool fine = micros % 1'000 != 0;
  std::snprintf(text + used, sizeof text - used, fine ? ".%06dZ" : ".%03dZ",
                static_cast<int>(fine ? micros : micros / 1'000));
  return text;
}

}  // namespace lineal::engine
