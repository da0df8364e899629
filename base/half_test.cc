#include "base/half.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

bool IsNan(uint16_t half) { return (half & 0x7fff) > 0x7c00; }

TEST(Half, EveryHalfSurvivesTheWayThroughAFloat) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const uint16_t half = static_cast<uint16_t>(bits);
    const uint16_t back = HalfFromFloat(FloatFromHalf(half));
    if (IsNan(half)) {
      EXPECT_TRUE(IsNan(back)) << bits;
      EXPECT_TRUE(std::isnan(FloatFromHalf(half))) << bits;
    } else {
      ASSERT_EQ(back, half) << bits;
    }
  }
}

TEST(Half, ValuesAreWhatTheFormatSays) {
  EXPECT_EQ(FloatFromHalf(0x3c00), 1.0f);
  EXPECT_EQ(FloatFromHalf(0xc000), -2.0f);
  EXPECT_EQ(FloatFromHalf(0x7bff), 65504.0f);
  EXPECT_EQ(FloatFromHalf(0x0001), std::ldexp(1.0f, -24));
  EXPECT_EQ(FloatFromHalf(0x7c00), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::signbit(FloatFromHalf(0x8000)));
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  for (uint16_t low = 0; low < 0x7bff; ++low) {
    const float a = FloatFromHalf(low);
    const float b = FloatFromHalf(static_cast<uint16_t>(low + 1));
    const float middle = (a + b) / 2;
    const uint16_t even = static_cast<uint16_t>(low % 2 == 0 ? low : low + 1);
    ASSERT_EQ(HalfFromFloat(middle), even) << low;
    ASSERT_EQ(HalfFromFloat(std::nextafter(middle, 0.0f)), low);
    ASSERT_EQ(HalfFromFloat(std::nextafter(middle, b)), low + 1);
    ASSERT_EQ(HalfFromFloat(-middle), even | 0x8000);
  }
}

TEST(Half, WhatIsTooLargeBecomesInfinityAndWhatIsTooSmallZero) {
  EXPECT_EQ(HalfFromFloat(65519.99f), 0x7bff);
  EXPECT_EQ(HalfFromFloat(65520.0f), 0x7c00);
  EXPECT_EQ(HalfFromFloat(std::numeric_limits<float>::max()), 0x7c00);
  EXPECT_EQ(HalfFromFloat(-std::numeric_limits<float>::infinity()), 0xfc00);
  EXPECT_EQ(HalfFromFloat(std::ldexp(1.0f, -25)), 0);
  EXPECT_EQ(HalfFromFloat(std::nextafter(std::ldexp(1.0f, -25), 1.0f)), 1);
  EXPECT_EQ(HalfFromFloat(std::numeric_limits<float>::denorm_min()), 0);
}

}  // namespace
}  // namespace lineal
