// Hashes by purpose: placement and tables (XXH3), corruption (CRC-32C), identity (SHA-256).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace lineal {

// XXH3, 64 bits. Stable: slots and file contents depend on it.
uint64_t Hash64(std::string_view bytes);

// CRC-32C (Castagnoli) of `bytes`, continuing from `crc` (0 to begin).
uint32_t Crc32c(std::string_view bytes, uint32_t crc = 0);

using Digest = std::array<uint8_t, 32>;

// SHA-256 of the parts one after another.
Digest Sha256(std::string_view a, std::string_view b = {});

// The same of bytes that come piece by piece.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void Add(std::string_view bytes);
  Digest Take();  // once

 private:
  void* const context_;
};

std::string HexOf(std::string_view bytes);
inline std::string_view BytesOf(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace lineal
