#include "base/bfloat16.h"

#include <cmath>
#include <limits>

#include "base/random.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

TEST(Bfloat16, EveryOneSurvivesTheWayThroughAFloat) {
  for (uint32_t bits = 0; bits < 65'536; ++bits) {
    const auto value = static_cast<uint16_t>(bits);
    const float wide = FloatFromBfloat16(value);
    if (std::isnan(wide)) {
      EXPECT_TRUE(std::isnan(FloatFromBfloat16(Bfloat16FromFloat(wide)))) << bits;
    } else {
      ASSERT_EQ(Bfloat16FromFloat(wide), value) << bits;
    }
  }
}

TEST(Bfloat16, ValuesAreWhatTheFormatSays) {
  EXPECT_EQ(FloatFromBfloat16(0x3f80), 1.0f);
  EXPECT_EQ(FloatFromBfloat16(0xc000), -2.0f);
  EXPECT_EQ(FloatFromBfloat16(0x0001), std::ldexp(1.0f, -133));
  EXPECT_EQ(FloatFromBfloat16(0x7f80), std::numeric_limits<float>::infinity());
}

// No other number of the format is nearer, and of two as near the even one is taken.
TEST(Bfloat16, RoundsToTheNearestAndTiesToEven) {
  Random random(1);
  for (int i = 0; i < 100'000; ++i) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(random.Below(uint64_t{1} << 32)));
    if (!std::isfinite(value)) continue;
    const uint16_t taken = Bfloat16FromFloat(value);
    if (std::isinf(FloatFromBfloat16(taken))) {
      EXPECT_GE(std::abs(value), std::ldexp(2.0 - std::ldexp(1.0, -8), 127));
      continue;
    }
    const double off = std::abs(static_cast<double>(FloatFromBfloat16(taken)) - value);
    for (const int step : {-1, 1}) {
      const float other = FloatFromBfloat16(static_cast<uint16_t>(taken + step));
      if (std::isnan(other)) continue;
      EXPECT_LE(off, std::abs(static_cast<double>(other) - value)) << value;
    }
  }
  EXPECT_EQ(Bfloat16FromFloat(1.0f + std::ldexp(1.0f, -8)), 0x3f80);
  EXPECT_EQ(Bfloat16FromFloat(1.0f + 3 * std::ldexp(1.0f, -8)), 0x3f82);
  EXPECT_EQ(Bfloat16FromFloat(-1.0f - std::ldexp(1.0f, -8) - std::ldexp(1.0f, -20)), 0xbf81);
  EXPECT_EQ(Bfloat16FromFloat(std::numeric_limits<float>::max()), 0x7f80);
}

}  // namespace
}  // namespace lineal
