// New identifiers that no other process gives.
#pragma once

#include <cstdint>
#include <string>

namespace lineal {

// A UUID of version 7 (RFC 9562): later ones are greater, to the millisecond. Lower-case and hyphenated. The rest comes
// from the kernel's random source.
std::string NewUuid(int64_t wall_ms);

}  // namespace lineal
