#include "engine/api/revision.h"

#include <algorithm>
#include <cctype>

#include "base/status.h"
#include "engine/api/filter.h"

namespace lineal::engine {
namespace {

constexpr size_t kTagNameMax = 128;

}  // namespace

absl::Status ValidateTagName(const std::string& name) {
  if (name.empty() || name.size() > kTagNameMax) {
    return InvalidArgument("a tag's name has 1 to ", kTagNameMax, " characters, got ", name.size());
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto fits = [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  };
  if (!std::all_of(name.begin(), name.end(), fits)) {
    return InvalidArgument("a tag's name is made of letters, digits, `.`, `_` and `-`, got `", name, "`");
  }
  if (std::all_of(name.begin(), name.end(), is_digit) || ParseDatetime(name)) {
    return InvalidArgument("`", name, "` would be read as a revision or a time, not as a tag");
  }
  return absl::OkStatus();
}

std::string_view NameOf(PointChange change) {
  switch (change) {
    case PointChange::kAdded:
      return "added";
    case PointChange::kRemoved:
      return "removed";
    case PointChange::kVectors:
      return "vectors";
    case PointChange::kPayload:
      return "payload";
    case PointChange::kOrigin:
      return "origin";
  }
  return "origin";
}

}  // namespace lineal::engine
