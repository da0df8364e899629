#include "engine/api/space_claim.h"

#include <algorithm>

namespace lineal::engine {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::string ClaimedSpaceOf(std::string_view claim, std::string_view vector_name) {
  if (claim.find('=') == std::string_view::npos) return std::string(Trimmed(claim));
  while (!claim.empty()) {
    const size_t end = std::min(claim.find(','), claim.size());
    const std::string_view part = claim.substr(0, end);
    claim.remove_prefix(std::min(end + 1, claim.size()));
    const size_t equals = part.find('=');
    if (equals != std::string_view::npos && Trimmed(part.substr(0, equals)) == vector_name) {
      return std::string(Trimmed(part.substr(equals + 1)));
    }
  }
  return "";
}

}  // namespace lineal::engine
