#include "engine/payload/value.h"

#include <gtest/gtest.h>

namespace lineal::engine {
namespace {

TEST(Value, KeepsOfEqualKeysTheLastOneAndSortsTheRest) {
  Value value(Value::Object{{"b", Value(true)}, {"a", "first"}, {"b", Value(false)}, {"a", "last"}});
  ASSERT_EQ(value.object().size(), 2u);
  EXPECT_EQ(value.object()[0].first, "a");
  EXPECT_EQ(value.Find("a")->string(), "last");
  EXPECT_EQ(*value.Find("b"), Value(false));
}

TEST(Value, HoldsSmallUnsignedNumbersAsSignedOnes) {
  EXPECT_EQ(Value::Unsigned(7), Value(int64_t{7}));
  EXPECT_NE(Value::Unsigned(uint64_t{1} << 63).get_if<uint64_t>(), nullptr);
}

TEST(Value, TellsAnIntegerFromTheEqualDouble) { EXPECT_NE(Value(int64_t{1}), Value(1.0)); }

TEST(Value, SetsFindsAndErasesMembersInOrder) {
  Value value;
  for (const char* key : {"m", "z", "a", "m"}) value.Set(key, key);
  ASSERT_EQ(value.object().size(), 3u);
  EXPECT_EQ(value.object()[0].first, "a");
  EXPECT_TRUE(value.Erase("m"));
  EXPECT_FALSE(value.Erase("m"));
  EXPECT_EQ(value.Find("m"), nullptr);
  EXPECT_EQ(Value("text").Find("m"), nullptr);
}

}  // namespace
}  // namespace lineal::engine
