#include "engine/payload/codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

Value RandomValue(Random* random, int depth) {
  switch (random->Below(depth > 4 ? 6 : 8)) {
    case 0:
      return Value();
    case 1:
      return Value(random->OneIn(2));
    case 2:
      return Value(static_cast<int64_t>(random->Next() >> random->Below(64)));
    case 3:
      return Value::Unsigned(random->Next());
    case 4:
      return Value(random->Gaussian());
    case 5:
      return Value(std::string(random->Below(9), static_cast<char>('a' + random->Below(26))));
    case 6: {
      Value::Array elements(random->Below(4));
      for (Value& element : elements) element = RandomValue(random, depth + 1);
      return Value(std::move(elements));
    }
    default: {
      Value::Object members(random->Below(5));
      for (auto& [key, value] : members) {
        key = std::string(1 + random->Below(2), static_cast<char>('a' + random->Below(4)));
        value = RandomValue(random, depth + 1);
      }
      return Value(std::move(members));
    }
  }
}

TEST(Codec, DecodesWhatItEncoded) {
  Random random(1);
  for (int i = 0; i < 5'000; ++i) {
    Value value = RandomValue(&random, 0);
    std::string bytes = EncodePayload(value);
    auto again = DecodePayload(bytes);
    ASSERT_TRUE(again.ok());
    ASSERT_EQ(*again, value) << ToJson(value);
    ASSERT_EQ(EncodePayload(*again), bytes);
  }
}

TEST(Codec, GivesEqualValuesEqualBytes) {
  EXPECT_EQ(EncodePayload(Value(Value::Object{{"a", "x"}, {"b", Value()}})),
            EncodePayload(Value(Value::Object{{"b", Value()}, {"a", "x"}})));
  EXPECT_EQ(EncodePayload(Value(-0.0)), EncodePayload(Value(0.0)));
  EXPECT_EQ(EncodePayload(Value(uint64_t{5})), EncodePayload(Value(int64_t{5})));
  EXPECT_EQ(EncodePayload(Value(std::nan("1"))), EncodePayload(Value(-std::nan("2"))));
}

TEST(Codec, TellsNumberKindsApart) {
  EXPECT_NE(EncodePayload(Value(int64_t{1})), EncodePayload(Value(1.0)));
  uint64_t big = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(*DecodePayload(EncodePayload(Value(big))), Value(big));
}

TEST(Codec, WritesTheDocumentedBytes) {
  Value value(Value::Object{{"a", Value(int64_t{-1})}, {"b", Value(Value::Array{Value(true), "x"})}});
  EXPECT_EQ(EncodePayload(value), std::string("\x01\x08\x02\x01"
                                              "a\x03\x01\x01"
                                              "b\x07\x02\x02\x06\x01x",
                                              15));
}

TEST(Codec, RefusesBytesThatNoEncoderWrote) {
  std::string overlong("\x01\x03\x80\x00", 4);    // a varint longer than needed
  std::string small_unsigned("\x01\x04\x05", 3);  // 5 as unsigned
  std::string unsorted(
      "\x01\x08\x02\x01"
      "b\x00\x01"
      "a\x00",
      10);  // keys out of order
  std::string twice(
      "\x01\x08\x02\x01"
      "a\x00\x01"
      "a\x00",
      10);
  std::string minus_zero("\x01\x05\0\0\0\0\0\0\0\x80", 10);
  std::string trailing("\x01\x00\x00", 3);
  std::string huge("\x01\x07\xff\xff\xff\xff\x0f", 7);
  for (const std::string& bytes : {overlong, small_unsigned, unsorted, twice, minus_zero, trailing, huge, std::string(),
                                   std::string("\x02\x00", 2), std::string("\x01\x09", 2)}) {
    auto value = DecodePayload(bytes);
    ASSERT_FALSE(value.ok());
    EXPECT_EQ(value.status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(Codec, RefusesBottomlessNesting) {
  std::string bytes(1, '\x01');
  for (int i = 0; i < 1'000'000; ++i) bytes.append("\x07\x01", 2);
  bytes.push_back('\0');
  EXPECT_FALSE(DecodePayload(bytes).ok());
}

TEST(Codec, SurvivesDamageAndEitherRefusesOrReadsACanonicalValue) {
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = EncodePayload(RandomValue(&random, 0));
    bytes[random.Below(bytes.size())] = static_cast<char>(random.Next());
    bytes.resize(bytes.size() - random.Below(2) * random.Below(bytes.size()));
    auto value = DecodePayload(bytes);
    if (value.ok()) {
      ASSERT_EQ(EncodePayload(*value), bytes);
    }
  }
}

}  // namespace
}  // namespace lineal::engine
