#include "engine/payload/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

std::string Again(std::string_view text) {
  auto value = ParseJson(text);
  return value.ok() ? ToJson(*value) : std::string(MessageOf(value.status()));
}

std::string Number(double value) {
  std::string out;
  AppendJsonNumber(&out, value);
  return out;
}

std::string Nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']');
}

TEST(Json, ReadsAndWritesEveryKindOfValue) {
  for (const char* text :
       {"null", "true", "false", "0", "-7", "1.5", "\"x\"", "[]", "{}", "[1,[2.0,null],{\"a\":[]}]",
        R"({"a":{"b":"c"},"z":[true,false]})", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"", "\"Grüße 👋\""}) {
    EXPECT_EQ(Again(text), text);
  }
  EXPECT_EQ(Again(" { \"b\" : 1 , \"a\" : \"\\u00fc\\ud83d\\ude00\" } "), R"({"a":"ü😀","b":1})");
  EXPECT_EQ(Again("\"a\\/b\""), "\"a/b\"");
}

TEST(Json, KeepsWholeNumbersOf64BitsExactly) {
  for (const char* text : {"18446744073709551615", "9223372036854775808", "9223372036854775807", "-9223372036854775808",
                           "9007199254740993", "[18446744073709551615]"}) {
    EXPECT_EQ(Again(text), text);
  }
  EXPECT_NE(ParseJson("18446744073709551615")->get_if<uint64_t>(), nullptr);
  EXPECT_NE(ParseJson("9223372036854775807")->get_if<int64_t>(), nullptr);
}

TEST(Json, ReadsWholeNumbersBeyond64BitsAsDoubles) {
  EXPECT_EQ(*ParseJson("[18446744073709551616]"), Value(Value::Array{18446744073709551616.0}));
  EXPECT_EQ(*ParseJson("[-9223372036854775809]"), Value(Value::Array{-9223372036854775808.0}));
  EXPECT_EQ(*ParseJson("[100000000000000000000000000000000000000000]"), Value(Value::Array{1e41}));
  EXPECT_EQ(*ParseJson("18446744073709551616"), Value(18446744073709551616.0));
}

TEST(Json, WritesDoublesInTheirShortestPlainForm) {
  EXPECT_EQ(Number(1), "1.0");
  EXPECT_EQ(Number(-0.0), "-0.0");
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(1234567.25), "1234567.25");
  EXPECT_EQ(Number(1e15), "1000000000000000.0");
  EXPECT_EQ(Number(1e16), "1e16");
  EXPECT_EQ(Number(1.5e300), "1.5e300");
  EXPECT_EQ(Number(0.00001), "0.00001");
  EXPECT_EQ(Number(0.000001), "1e-6");
  EXPECT_EQ(Number(-1.25e-9), "-1.25e-9");
  EXPECT_EQ(Number(5e-324), "5e-324");
  EXPECT_EQ(Number(std::nan("")), "null");
  EXPECT_EQ(Number(-std::numeric_limits<double>::infinity()), "null");
  std::string of_float;
  AppendJsonNumber(&of_float, 0.1f);
  EXPECT_EQ(of_float, "0.1");
}

TEST(Json, ReadsBackTheSameDouble) {
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    double value =
        i % 2 ? std::bit_cast<double>(random.Next()) : (random.Unit() - 0.5) * std::pow(10, random.Below(40));
    if (!std::isfinite(value)) continue;
    auto again = ParseJson("[" + Number(value) + "]");
    ASSERT_TRUE(again.ok()) << Number(value);
    ASSERT_EQ(*again, Value(Value::Array{value})) << Number(value);
  }
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const char* text :
       {"",    " ",           "{",      "[1,]",        "{\"a\"}", "{\"a\":1,}", "tru",      "nul",
        "nan", "01",          "1.",     "+1",          "[1] 2",   "1 2",        "{} {}",    "'a'",
        "\"a", "\"\\x\"",     "\"\t\"", "[1 2]",       "{a:1}",   "1e400",      "[1e400]",  "\"\\ud800\"",
        "[-]", "{\"a\":tru}", "[nulL]", "[truefalse]", "]",       "[1}",        "{\"a\":1]"}) {
    auto value = ParseJson(text);
    ASSERT_FALSE(value.ok()) << text << " read as " << ToJson(*value);
    EXPECT_EQ(KindOf(value.status()), ErrorKind::kMalformed) << text;
  }
}

TEST(Json, RefusesInvalidUtf8) {
  for (const char* text : {"\"\xff\"", "[\"\xc3\"]", "{\"\xed\xa0\x80\":1}", "\"\xf5\x80\x80\x80\"", "\"\xc0\xaf\""}) {
    auto value = ParseJson(text);
    ASSERT_FALSE(value.ok());
    EXPECT_EQ(KindOf(value.status()), ErrorKind::kMalformed);
  }
}

TEST(Json, HoldsNestingToItsLimit) {
  EXPECT_TRUE(ParseJson(Nested(kPayloadDepthMax)).ok());
  for (int depth : {kPayloadDepthMax + 1, 200, 2'000, 100'000}) {
    auto value = ParseJson(Nested(depth));
    ASSERT_FALSE(value.ok());
    EXPECT_EQ(KindOf(value.status()), ErrorKind::kMalformed);
    EXPECT_NE(MessageOf(value.status()).find("32"), std::string_view::npos) << MessageOf(value.status());
  }
}

TEST(Json, NamesTheByteWhereItStopped) {
  EXPECT_NE(Again("{\"a\": 1, \"b\": x}").find("byte 14"), std::string::npos) << Again("{\"a\": 1, \"b\": x}");
}

TEST(Json, ReadsOnAfterAnError) {
  EXPECT_FALSE(ParseJson("[1, x]").ok());
  EXPECT_EQ(Again("[1,2]"), "[1,2]");
}

}  // namespace
}  // namespace lineal::engine
