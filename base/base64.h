// Base64 (RFC 4648), strict: what is decoded has one spelling only, padded in the first alphabet and not in the second.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lineal {

std::string Base64(std::string_view bytes);     // "+/" and padding
std::string Base64Url(std::string_view bytes);  // "-_" and none
// Nothing for text that the function above does not write.
std::optional<std::string> FromBase64(std::string_view text);
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace lineal
