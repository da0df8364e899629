// The meta family's keys: our own, and behind a prefix the engine's.
#pragma once

#include <string>
#include <string_view>

#include "base/strings.h"

namespace lineal::storage {

inline constexpr std::string_view kHeadKey = "!head";
inline constexpr std::string_view kCommitsKey = "!commits";
inline constexpr std::string_view kFormatKey = "!format";
inline constexpr char kUserMetaPrefix = 'm';

inline std::string UserMetaKey(std::string_view key) { return StrCat(kUserMetaPrefix, key); }

}  // namespace lineal::storage
