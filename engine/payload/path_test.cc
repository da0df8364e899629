#include "engine/payload/path.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

Value Json(std::string_view text) { return *ParseJson(text); }
PayloadPath Path(std::string_view text) { return *PayloadPath::Parse(text); }

std::string Found(std::string_view path, std::string_view json) {
  std::string out;
  Path(path).Visit(Json(json), [&](const Value& value) {
    out += ToJson(value) + ";";
    return true;
  });
  return out;
}
std::string Merged(std::string_view path, std::string_view json, std::string_view members) {
  Value root = Json(json);
  Path(path).Merge(&root, Json(members));
  return ToJson(root);
}
std::string Removed(std::string_view path, std::string_view json) {
  Value root = Json(json);
  bool removed = Path(path).Remove(&root);
  return removed ? ToJson(root) : "nothing";
}
std::string Selected(std::vector<std::string_view> paths, std::string_view json) {
  Value out = Value::EmptyObject();
  for (auto path : paths) Path(path).CopyInto(Json(json), &out);
  return ToJson(out);
}

TEST(PayloadPath, RefusesBrokenPaths) {
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a]", "\"a", "a\"b\"", "[0]", "a[0]b",
                           "a[99999999999999999999]", "a[1 ]"}) {
    auto path = PayloadPath::Parse(text);
    ASSERT_FALSE(path.ok()) << text;
    EXPECT_EQ(path.status().code(), absl::StatusCode::kInvalidArgument);
  }
  std::string deep = "a";
  for (int i = 0; i < kPayloadDepthMax; ++i) deep += ".a";
  EXPECT_EQ(KindOf(PayloadPath::Parse(deep).status()), ErrorKind::kOutOfRange);
}

TEST(PayloadPath, FindsKeysElementsAndQuotedParts) {
  EXPECT_EQ(Found("a", R"({"a":1})"), "1;");
  EXPECT_EQ(Found("a.b", R"({"a":{"b":[1,2]}})"), "[1,2];");
  EXPECT_EQ(Found("a[]", R"({"a":[1,2]})"), "1;2;");
  EXPECT_EQ(Found("a[1]", R"({"a":[1,2]})"), "2;");
  EXPECT_EQ(Found("a[7]", R"({"a":[1,2]})"), "");
  EXPECT_EQ(Found("a[].b", R"({"a":[{"b":1},{"c":2},{"b":3},4]})"), "1;3;");
  EXPECT_EQ(Found("a[0].b[1]", R"({"a":[{"b":[5,6]}]})"), "6;");
  EXPECT_EQ(Found("\"a.b\".c", R"({"a.b":{"c":1}})"), "1;");
  EXPECT_EQ(Found("\"\"", R"({"":1})"), "1;");
  EXPECT_EQ(Found("größe mit-Strich", R"({"größe mit-Strich":1})"), "1;");
  EXPECT_EQ(Found("a.b", R"({"a":1})"), "");
  EXPECT_EQ(Found("a[]", R"({"a":{"b":1}})"), "");
}

TEST(PayloadPath, LooksIntoTheObjectsOfAnArrayButNoDeeper) {
  EXPECT_EQ(Found("a.b", R"({"a":[{"b":1},{"b":2}]})"), "1;2;");
  EXPECT_EQ(Found("a.b", R"({"a":[[{"b":1}]]})"), "");
}

TEST(PayloadPath, StopsWhenTheVisitorSaysSo) {
  int seen = 0;
  Path("a[]").Visit(Json(R"({"a":[1,2,3]})"), [&](const Value&) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
}

TEST(PayloadPath, MergesMakingObjectsOnTheWay) {
  EXPECT_EQ(Merged("a.b", "{}", R"({"c":1})"), R"({"a":{"b":{"c":1}}})");
  EXPECT_EQ(Merged("a", R"({"a":{"x":1,"y":2},"z":0})", R"({"y":3,"w":4})"), R"({"a":{"w":4,"x":1,"y":3},"z":0})");
  EXPECT_EQ(Merged("a", R"({"a":5})", R"({"y":3})"), R"({"a":{"y":3}})");
  EXPECT_EQ(Merged("a[]", R"({"a":[{"x":1},{}]})", R"({"y":3})"), R"({"a":[{"x":1,"y":3},{"y":3}]})");
  EXPECT_EQ(Merged("a[1].b", R"({"a":[{},{}]})", R"({"y":3})"), R"({"a":[{},{"b":{"y":3}}]})");
  EXPECT_EQ(Merged("a[5]", R"({"a":[1]})", R"({"y":3})"), R"({"a":[1]})");
  EXPECT_EQ(Merged("a", R"({"a":{"x":1,"y":2}})", R"({"x":null})"), R"({"a":{"y":2}})");
}

TEST(PayloadPath, RemovesWhatItNames) {
  EXPECT_EQ(Removed("a", R"({"a":1,"b":2})"), R"({"b":2})");
  EXPECT_EQ(Removed("a.b", R"({"a":{"b":1,"c":2}})"), R"({"a":{"c":2}})");
  EXPECT_EQ(Removed("a[].b", R"({"a":[{"b":1},{"b":2,"c":3}]})"), R"({"a":[{},{"c":3}]})");
  EXPECT_EQ(Removed("a[]", R"({"a":[1,2]})"), R"({"a":[]})");
  EXPECT_EQ(Removed("a[0]", R"({"a":[1,2]})"), R"({"a":[2]})");
  EXPECT_EQ(Removed("a[2]", R"({"a":[1,2]})"), "nothing");
  EXPECT_EQ(Removed("x.y", R"({"a":1})"), "nothing");
}

TEST(PayloadPath, CopiesSelectedPartsIntoTheirPlaces) {
  EXPECT_EQ(Selected({"a", "c.d"}, R"({"a":1,"b":2,"c":{"d":3,"e":4}})"), R"({"a":1,"c":{"d":3}})");
  EXPECT_EQ(Selected({"c.d", "c.e"}, R"({"c":{"d":3,"e":4,"f":5}})"), R"({"c":{"d":3,"e":4}})");
  EXPECT_EQ(Selected({"a[].x", "a[].y"}, R"({"a":[{"x":1,"y":2,"z":3},{"y":4}]})"), R"({"a":[{"x":1,"y":2},{"y":4}]})");
  EXPECT_EQ(Selected({"nothing.here", "a.b"}, R"({"a":1})"), "{}");
}

}  // namespace
}  // namespace lineal::engine
