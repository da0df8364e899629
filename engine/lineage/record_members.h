// Members of a record's object; empty, zero or false where it has none of the kind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/payload/value.h"

namespace lineal::engine {

inline std::string TextMember(const Value& root, std::string_view key) {
  const Value* value = root.Find(key);
  return value != nullptr && value->is_string() ? value->string() : std::string();
}
inline int64_t NumberMember(const Value& root, std::string_view key) {
  const Value* value = root.Find(key);
  const auto* number = value == nullptr ? nullptr : value->get_if<int64_t>();
  return number == nullptr ? 0 : *number;
}
inline bool FlagMember(const Value& root, std::string_view key) {
  const Value* value = root.Find(key);
  const bool* flag = value == nullptr ? nullptr : value->get_if<bool>();
  return flag != nullptr && *flag;
}

}  // namespace lineal::engine
