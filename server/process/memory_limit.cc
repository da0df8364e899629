#include "server/process/memory_limit.h"

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "base/strings.h"

namespace lineal::server {
namespace {

// Files of these systems have no size, so that they are read to their end.
std::string ReadSystemFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "max" and whatever else is no number: no limit.
uint64_t LimitIn(const std::string& directory) {
  const std::string text = ReadSystemFile(directory + "/memory.max");
  uint64_t limit = 0;
  std::from_chars(text.data(), text.data() + text.size(), limit);
  return limit;
}

}  // namespace

uint64_t ControlGroupLimit(const std::string& membership, const std::string& root) {
  constexpr std::string_view kVersion2 = "0::/";
  std::istringstream lines(membership);
  uint64_t least = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(kVersion2)) continue;
    std::string path = line.substr(kVersion2.size() - 1);
    for (;;) {
      const uint64_t limit = LimitIn(root + path);
      if (limit != 0 && (least == 0 || limit < least)) least = limit;
      if (path.empty()) break;
      path.resize(path.rfind('/'));
    }
  }
  return least;
}

uint64_t MemoryLimit(uint64_t configured) {
  if (configured != 0) return configured;
  return ControlGroupLimit(ReadSystemFile("/proc/self/cgroup")) / 10 * 9;
}

}  // namespace lineal::server
