// /proc/self/status, as text and field by field.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lineal::server {

// "" where there is none.
std::string ReadProcessStatus();
// The number behind `name` ("VmRSS:"), in the unit it is given in; 0 when it is not there.
uint64_t StatusField(std::string_view status, std::string_view name);

}  // namespace lineal::server
