#include "server/core/process_status.h"

#include <charconv>
#include <fstream>
#include <iterator>

namespace lineal::server {

std::string ReadProcessStatus() {
  std::ifstream file("/proc/self/status");
  return {std::istreambuf_iterator<char>(file), {}};
}

uint64_t StatusField(std::string_view status, std::string_view name) {
  const size_t at = status.find(name);
  if (at == std::string_view::npos) return 0;
  const size_t digits = status.find_first_of("0123456789", at + name.size());
  if (digits == std::string_view::npos) return 0;
  uint64_t value = 0;
  std::from_chars(status.data() + digits, status.data() + status.size(), value);
  return value;
}

}  // namespace lineal::server
