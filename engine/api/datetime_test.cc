#include <gtest/gtest.h>

#include <ctime>

#include "base/random.h"
#include "base/strings.h"
#include "engine/api/filter.h"

namespace lineal::engine {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(ParseDatetime, ReadsTheFormsThatClientsSend) {
  constexpr int64_t kDay = 1'706'659'200 * kSecond;  // 2024-01-31
  EXPECT_EQ(ParseDatetime("2024-01-31"), kDay);
  EXPECT_EQ(ParseDatetime("2024-01-31T00:00:00Z"), kDay);
  EXPECT_EQ(ParseDatetime("2024-01-31t10:00z"), kDay + 36'000 * kSecond);
  EXPECT_EQ(ParseDatetime("2024-01-31T10:00"), kDay + 36'000 * kSecond);
  EXPECT_EQ(ParseDatetime("2024-01-31 10:00:00"), kDay + 36'000 * kSecond);
  EXPECT_EQ(ParseDatetime("2024-01-31 10:00:00.5"), kDay + 36'000 * kSecond + 500'000);
  EXPECT_EQ(ParseDatetime("2024-01-31T10:00:00.123456789+01:00"), kDay + 32'400 * kSecond + 123'456);
  EXPECT_EQ(ParseDatetime("2024-01-31T10:00:00-0130"), kDay + 41'400 * kSecond);
  EXPECT_EQ(ParseDatetime("2024-01-31 10:00:00 +02"), kDay + 28'800 * kSecond);
}

TEST(ParseDatetime, KnowsTheCalendarsEdges) {
  EXPECT_EQ(ParseDatetime("1970-01-01"), 0);
  EXPECT_EQ(ParseDatetime("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(ParseDatetime("2000-02-29"), 951'782'400 * kSecond);
  EXPECT_EQ(ParseDatetime("0001-01-01"), -62'135'596'800 * kSecond);
  EXPECT_EQ(ParseDatetime("0000-01-01"), -62'167'219'200 * kSecond);
  EXPECT_EQ(ParseDatetime("9999-12-31T23:59:59Z"), 253'402'300'799 * kSecond);
}

TEST(ParseDatetime, RefusesWhatIsNoDate) {
  for (const char* text : {"",
                           "2024",
                           "2024-01",
                           "2024-1-31",
                           "2024-02-30",
                           "2023-02-29",
                           "1900-02-29",
                           "2024-13-01",
                           "2024-00-10",
                           "2024-01-00",
                           "24-01-31",
                           "2024-01-31T",
                           "2024-01-31T24:00",
                           "2024-01-31T10",
                           "2024-01-31T10:60",
                           "x2024-01-31",
                           "2024-01-31T10:00:00.",
                           "2024-01-31T10:00:00+",
                           "2024-01-31T10:00:00+1",
                           "2024-01-31T10:00:00+01:",
                           "2024-01-31T10:00:00Zx",
                           "2024-01-31Z",
                           "-024-01-31",
                           "red"}) {
    EXPECT_FALSE(ParseDatetime(text)) << text;
  }
}

TEST(ParseDatetime, AgreesWithTheLibraryOnAnyDay) {
  Random random(5);
  for (int i = 0; i < 5'000; ++i) {
    std::time_t seconds = static_cast<std::time_t>(random.Below(250'000'000'000)) - 60'000'000'000;
    std::tm parts{};
    ASSERT_NE(gmtime_r(&seconds, &parts), nullptr);
    char text[64];
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
             parts.tm_hour, parts.tm_min, parts.tm_sec);
    ASSERT_EQ(ParseDatetime(text), seconds * kSecond) << text;
  }
}

}  // namespace
}  // namespace lineal::engine
