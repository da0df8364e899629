#include "base/ids.h"

#include <charconv>

#include "base/coding.h"
#include "base/hash.h"

namespace lineal {
namespace {

constexpr char kNumberTag = 1;
constexpr char kUuidTag = 2;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<PointId> ParseHex(std::string_view text, bool hyphenated) {
  uint64_t words[2] = {0, 0};
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (hyphenated && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    int digit = HexDigit(text[i]);
    if (digit < 0) return std::nullopt;
    uint64_t& word = words[digits / 16];
    word = word << 4 | static_cast<uint64_t>(digit);
    ++digits;
  }
  return PointId::Uuid(words[0], words[1]);
}

}  // namespace

std::optional<PointId> PointId::ParseUuid(std::string_view text) {
  if (text.starts_with("urn:uuid:")) {
    text.remove_prefix(9);
    if (text.size() != 36) return std::nullopt;
  } else if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
    text = text.substr(1, 36);
  }
  if (text.size() == 36) return ParseHex(text, true);
  if (text.size() == 32) return ParseHex(text, false);
  return std::nullopt;
}

std::optional<PointId> PointId::Parse(std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return Number(number);
  return ParseUuid(text);
}

std::string PointId::ToString() const {
  if (!is_uuid_) return std::to_string(low_);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) out.push_back('-');
    uint64_t word = digit < 16 ? high_ : low_;
    out.push_back(kHex[word >> (60 - 4 * (digit % 16)) & 15]);
  }
  return out;
}

void PointId::AppendKey(std::string* key) const {
  key->push_back(is_uuid_ ? kUuidTag : kNumberTag);
  if (is_uuid_) PutBig64(key, high_);
  PutBig64(key, low_);
}

std::optional<PointId> PointId::FromKey(std::string_view key) {
  if (key.size() == 9 && key[0] == kNumberTag) return Number(GetBig64(key.data() + 1));
  if (key.size() == 17 && key[0] == kUuidTag) return Uuid(GetBig64(key.data() + 1), GetBig64(key.data() + 9));
  return std::nullopt;
}

uint64_t SlotHash(const PointId& id) {
  std::string key;
  id.AppendKey(&key);
  return Hash64(key);
}

}  // namespace lineal
