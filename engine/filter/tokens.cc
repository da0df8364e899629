#include "engine/filter/tokens.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

namespace lineal::engine {
namespace {

void AppendCodePoint(std::string* out, UChar32 c) {
  char bytes[U8_MAX_LENGTH];
  int32_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, c);
  out->append(bytes, static_cast<size_t>(size));
}

bool IsWordPart(UChar32 c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return u_isUAlphabetic(c) || (U_GET_GC_MASK(c) & (U_GC_N_MASK | U_GC_M_MASK)) != 0;
}

}  // namespace

std::vector<std::string> Tokenize(std::string_view text) {
  std::vector<std::string> tokens;
  std::string word;
  auto finish = [&] {
    if (!word.empty()) tokens.push_back(std::move(word));
    word.clear();
  };
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t at = 0; at < text.size();) {
    UChar32 c;
    U8_NEXT(bytes, at, text.size(), c);
    if (c < 0 || !IsWordPart(c)) {
      finish();
    } else if (c >= 0x80 && u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC)) {
      finish();
      AppendCodePoint(&word, c);
      finish();
    } else {
      AppendCodePoint(&word, u_foldCase(c, U_FOLD_CASE_DEFAULT));
    }
  }
  finish();
  return tokens;
}

std::vector<std::string> TokenSet(std::string_view text) {
  std::vector<std::string> tokens = Tokenize(text);
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

}  // namespace lineal::engine
