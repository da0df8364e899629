// An http:// or https:// address, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace lineal::cli {

struct HttpUrl {
  bool tls = false;
  std::string host;  // without brackets
  uint16_t port = 80;
  std::string path;  // "" or "/...", without a slash at the end

  // "http://host:port", as in messages.
  std::string Origin() const;
};

// INVALID_ARGUMENT naming the text. A query or user name in it is refused.
absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view text);

// One path segment or query value, escaped.
std::string PercentEncode(std::string_view text);

}  // namespace lineal::cli
