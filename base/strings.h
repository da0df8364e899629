// Text pieces joined in one allocation, and maps that can be asked with a std::string_view. (The packaged Abseil has a
// string_view of its own, which std::string_view does not convert to; nothing outside this header needs to know.)
#pragma once

#include <charconv>
#include <concepts>
#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace lineal {

namespace strings_internal {

inline void AppendPiece(std::string* out, std::string_view piece) { out->append(piece); }
inline void AppendPiece(std::string* out, const char* piece) { out->append(piece); }
inline void AppendPiece(std::string* out, char piece) { out->push_back(piece); }
inline void AppendPiece(std::string* out, bool piece) { out->append(piece ? "true" : "false"); }
template <class T>
requires(std::integral<T> || std::floating_point<T>) void AppendPiece(std::string* out, T piece) {
  char buffer[64];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, piece);
  out->append(buffer, static_cast<size_t>(end - buffer));
}

struct Hash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

}  // namespace strings_internal

template <class... Pieces>
std::string StrCat(const Pieces&... pieces) {
  std::string out;
  (strings_internal::AppendPiece(&out, pieces), ...);
  return out;
}
template <class... Pieces>
void StrAppend(std::string* out, const Pieces&... pieces) {
  (strings_internal::AppendPiece(out, pieces), ...);
}

template <class V>
using StringMap = absl::flat_hash_map<std::string, V, strings_internal::Hash, std::equal_to<>>;
using StringSet = absl::flat_hash_set<std::string, strings_internal::Hash, std::equal_to<>>;

}  // namespace lineal
