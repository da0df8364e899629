#include "index/quantizers/rabitq_guess.h"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

// What a scan lets through, and what the guess says of each row, are the same arithmetic.
TEST(RabitqGuess, SaysOfEachRowWhatAScanComparesWithItsThreshold) {
  constexpr size_t kGroups = 12;
  Random random(4);
  std::vector<std::byte> tables(kGroups * 16), block(ScanBlockBytes(kGroups));
  for (std::byte& entry : tables) entry = static_cast<std::byte>(random.Below(200));
  for (size_t i = 0; i < kGroups * 16; ++i) block[i] = static_cast<std::byte>(random.Next());
  std::byte* const addends = block.data() + kGroups * 16;
  for (size_t row = 0; row < kScanRows; ++row) {
    const auto addend = static_cast<float>(random.Gaussian());
    std::memcpy(addends + row * sizeof addend, &addend, sizeof addend);
    const uint16_t factor = static_cast<uint16_t>(0xbc00 + random.Below(256)), error = 0x3f00;  // about -0.01, and 0.5
    std::memcpy(addends + kScanRows * 4 + row * 2, &factor, sizeof factor);
    std::memcpy(addends + kScanRows * 6 + row * 2, &error, sizeof error);
  }
  const ScanQuery query{tables.data(), kGroups, 0.5f, 1, 3, 0.25f};
  for (size_t row = 0; row < kScanRows; ++row) {
    const RabitqGuess guess = GuessOf(query, block.data(), row);
    EXPECT_FLOAT_EQ(guess.error, 0.125f);
    for (const float beyond : {-1e-3f, 1e-3f}) {
      uint32_t found = 0;
      ActiveKernels().scan_blocks(query, block.data(), 1, guess.estimate - guess.error + beyond, &found);
      EXPECT_EQ((found >> row & 1) != 0, beyond > 0) << row;
    }
  }
}

}  // namespace
}  // namespace lineal::index
