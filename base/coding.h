// Bytes of every format of ours: fixed little-endian for values, fixed big-endian for keys that must order, varints,
// and length-prefixed strings. A Reader never reads past its end: it goes bad and stays bad.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace lineal {

static_assert(std::endian::native == std::endian::little, "on-disk formats are written by little-endian machines");

template <class T>
void PutFixed(std::string* out, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class T>
T LoadFixed(const void* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

inline void PutBig32(std::string* out, uint32_t value) { PutFixed(out, __builtin_bswap32(value)); }
inline void PutBig64(std::string* out, uint64_t value) { PutFixed(out, __builtin_bswap64(value)); }
inline uint32_t GetBig32(const void* at) { return __builtin_bswap32(LoadFixed<uint32_t>(at)); }
inline uint64_t GetBig64(const void* at) { return __builtin_bswap64(LoadFixed<uint64_t>(at)); }

void PutVarint(std::string* out, uint64_t value);
inline void PutString(std::string* out, std::string_view value) {
  PutVarint(out, value.size());
  out->append(value);
}
// Small magnitudes of either sign become small varints.
inline uint64_t ZigZag(int64_t value) { return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63); }
inline int64_t UnZigZag(uint64_t value) { return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1); }

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  template <class T>
  T Fixed() {
    std::string_view bytes = Bytes(sizeof(T));
    return ok_ ? LoadFixed<T>(bytes.data()) : T{};
  }
  uint64_t Big64() { return __builtin_bswap64(Fixed<uint64_t>()); }
  uint32_t Big32() { return __builtin_bswap32(Fixed<uint32_t>()); }
  uint64_t Varint();
  std::string_view String() { return Bytes(Varint()); }
  // A view of the next `size` bytes; empty, and the reader bad, if there are fewer.
  std::string_view Bytes(uint64_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace lineal
