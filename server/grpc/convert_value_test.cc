#include "server/grpc/convert_value.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::server {
namespace {

using engine::Value;

Value RoundTrip(const Value& value) {
  v1::Value wire;
  ValueToWire(value, &wire);
  v1::Value read;
  EXPECT_TRUE(read.ParseFromString(wire.SerializeAsString()));
  return *ValueFromWire(read);
}

TEST(ConvertValue, KeepsEveryKindThroughTheWire) {
  auto value = engine::ParseJson(
      R"({"a":[1,-1,18446744073709551615,1.5,"x",true,null,[],{}],"b":{"c":{"":0}},"min":-9223372036854775808})");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(RoundTrip(*value), *value);
  EXPECT_EQ(RoundTrip(Value()), Value());
  EXPECT_EQ(RoundTrip(Value(1.0)), Value(1.0));
  EXPECT_NE(RoundTrip(Value(1.0)), Value(int64_t{1}));
}

TEST(ConvertValue, TakesAnUnsignedNumberThatFitsAsSigned) {
  v1::Value wire;
  wire.set_u64_value(7);
  EXPECT_EQ(*ValueFromWire(wire), Value(int64_t{7}));
}

TEST(ConvertValue, RefusesNumbersThatJsonCannotSay) {
  for (double number : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    v1::Value wire;
    wire.mutable_array_value()->add_values()->set_f64_value(number);
    EXPECT_TRUE(absl::IsInvalidArgument(ValueFromWire(wire).status()));
  }
}

v1::Object ObjectOfDepth(int depth) {
  v1::Object root;
  v1::Object* at = &root;
  for (int i = 1; i < depth; ++i) at = (*at->mutable_fields())["x"].mutable_object_value();
  return root;
}

TEST(ConvertValue, HoldsNestingToTheLimitOfJson) {
  EXPECT_TRUE(ObjectFromWire(ObjectOfDepth(engine::kPayloadDepthMax)).ok());
  absl::Status deeper = ObjectFromWire(ObjectOfDepth(engine::kPayloadDepthMax + 1)).status();
  EXPECT_EQ(KindOf(deeper), ErrorKind::kOutOfRange);
  EXPECT_EQ(MessageOf(deeper), "payload is nested deeper than 32 levels");
  const std::string json = engine::ToJson(*ObjectFromWire(ObjectOfDepth(engine::kPayloadDepthMax)));
  EXPECT_TRUE(PayloadFromWire(nullptr, json).ok());
}

TEST(ConvertValue, TakesAPayloadInOneFormOnly) {
  v1::Object object;
  (*object.mutable_fields())["a"].set_bool_value(true);
  EXPECT_EQ(*PayloadFromWire(&object, ""), *PayloadFromWire(nullptr, R"({"a":true})"));
  EXPECT_TRUE(PayloadFromWire(nullptr, "")->is_null());
  EXPECT_FALSE(PayloadFromWire(&object, "{}").ok());
  EXPECT_FALSE(PayloadFromWire(nullptr, "[1]").ok());
  EXPECT_FALSE(PayloadFromWire(nullptr, "{").ok());
}

}  // namespace
}  // namespace lineal::server
