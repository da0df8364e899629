// An instant as text, in UTC.
#pragma once

#include <cstdint>
#include <string>

namespace lineal::engine {

// Microseconds since 1970 as RFC 3339 has them: to the millisecond, to the microsecond where there are any.
std::string Rfc3339(int64_t time_us);

}  // namespace lineal::engine
