#include "index/quantizers/rabitq_guess.h"

#include <bit>
#include <cstdint>

#include "base/coding.h"

namespace lineal::index {

RabitqGuess GuessOf(const ScanQuery& query, const std::byte* block, size_t slot) {
  constexpr size_t kBytesAGroup = 16;
  const std::byte* addends = block + query.groups * kBytesAGroup;
  const std::byte* factors = addends + kScanRows * sizeof(float);
  const std::byte* errors = factors + kScanRows * sizeof(uint16_t);
  const auto half = [slot](const std::byte* of) {
    return std::bit_cast<float>(static_cast<uint32_t>(LoadFixed<uint16_t>(of + slot * sizeof(uint16_t))) << 16);
  };
  const uint32_t shift = slot < kScanRows / 2 ? 0 : 4;
  const std::byte* codes = block + slot % (kScanRows / 2);
  uint32_t sum = 0;
  for (size_t group = 0; group < query.groups; ++group) {
    const uint32_t entry = std::to_integer<uint32_t>(codes[group * kBytesAGroup]) >> shift & 15;
    sum += std::to_integer<uint32_t>(query.tables[group * kBytesAGroup + entry]);
  }
  const float estimate = LoadFixed<float>(addends + slot * sizeof(float)) + query.offset +
                         half(factors) * (query.scale * static_cast<float>(sum) + query.bias);
  return {estimate, query.spread * half(errors)};
}

}  // namespace lineal::index
