#include "base/hash.h"

#include <openssl/evp.h>
#include <xxhash.h>

#include "base/check.h"
#include "base/coding.h"

namespace lineal {
namespace {

constexpr std::array<uint32_t, 256> CrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = CrcTable();

__attribute__((target("sse4.2"))) uint32_t CrcHardware(std::string_view bytes, uint32_t crc) {
  uint64_t state = crc;
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) state = __builtin_ia32_crc32di(state, LoadFixed<uint64_t>(at));
  for (; left > 0; ++at, --left)
    state = __builtin_ia32_crc32qi(static_cast<uint32_t>(state), static_cast<uint8_t>(*at));
  return static_cast<uint32_t>(state);
}

uint32_t CrcTableDriven(std::string_view bytes, uint32_t crc) {
  for (unsigned char c : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ c) & 0xff];
  return crc;
}

}  // namespace

uint64_t Hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

uint32_t Crc32c(std::string_view bytes, uint32_t crc) {
  static const bool has_sse42 = __builtin_cpu_supports("sse4.2");
  return ~(has_sse42 ? CrcHardware(bytes, ~crc) : CrcTableDriven(bytes, ~crc));
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  LINEAL_CHECK(context_ != nullptr);
  LINEAL_CHECK(EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), EVP_sha256(), nullptr) == 1);
}
Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }

void Sha256Stream::Add(std::string_view bytes) {
  LINEAL_CHECK(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()) == 1);
}

Digest Sha256Stream::Take() {
  Digest digest;
  unsigned size = 0;
  LINEAL_CHECK(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), digest.data(), &size) == 1);
  LINEAL_CHECK(size == digest.size());
  return digest;
}

Digest Sha256(std::string_view a, std::string_view b) {
  Sha256Stream stream;
  stream.Add(a);
  stream.Add(b);
  return stream.Take();
}

std::string HexOf(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : bytes) {
    out.push_back(kHex[c >> 4]);
    out.push_back(kHex[c & 15]);
  }
  return out;
}

}  // namespace lineal
