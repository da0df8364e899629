#include "clients/cli/record_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "clients/cli/point_writer.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Record RecordOf(std::string_view json, uint64_t row = 0) {
  Record record;
  record.row = row;
  record.fields = *engine::ParseJson(json);
  return record;
}

absl::StatusOr<ShapedPoint> ShapeOne(const ShapeOptions& options, const Record& record) {
  LINEAL_ASSIGN_OR_RETURN(const RecordShape shape, RecordShape::Make(options, record));
  return shape.Shape(record);
}

std::string ProblemOf(const ShapeOptions& options, std::string_view json) {
  const auto point = ShapeOne(options, RecordOf(json));
  return point.ok() ? "" : std::string(MessageOf(point.status()));
}

TEST(RecordShape, TakesTheFieldIdOrTheRow) {
  EXPECT_EQ(ShapeOne({}, RecordOf(R"({"id":7,"vector":[1]})"))->id, PointId::Number(7));
  EXPECT_EQ(ShapeOne({}, RecordOf(R"({"id":18446744073709551615,"vector":[1]})"))->id.number(), UINT64_MAX);
  EXPECT_EQ(ShapeOne({}, RecordOf(R"({"id":"12","vector":[1]})"))->id, PointId::Number(12));
  EXPECT_TRUE(ShapeOne({}, RecordOf(R"({"id":"550e8400-e29b-41d4-a716-446655440000","vector":[1]})"))->id.is_uuid());
  EXPECT_EQ(ShapeOne({}, RecordOf(R"({"vector":[1]})", 5))->id, PointId::Number(5));
  EXPECT_EQ(ShapeOne({.id = "row", .id_base = 100}, RecordOf(R"({"id":7,"vector":[1]})", 5))->id, PointId::Number(105));
  EXPECT_THAT(ProblemOf({}, R"({"id":"abc","vector":[1]})"), HasSubstr("--id hash:id"));
  EXPECT_THAT(ProblemOf({}, R"({"id":-1,"vector":[1]})"), HasSubstr("is -1"));
  EXPECT_THAT(ProblemOf({.id = "field:name"}, R"({"vector":[1]})"), HasSubstr("no field `name`"));
  EXPECT_THAT(ProblemOf({.id = "fields"}, R"({"vector":[1]})"), HasSubstr("--id is"));
}

TEST(RecordShape, HashedIdsAreTheSameEverywhere) {
  EXPECT_EQ(IdFromText("bash").ToString(), IdFromText("bash").ToString());
  EXPECT_NE(IdFromText("bash"), IdFromText("dash"));
  const std::string text = IdFromText("bash").ToString();
  EXPECT_EQ(text[14], '8');
  EXPECT_THAT(std::string("89ab"), HasSubstr(text.substr(19, 1)));
  EXPECT_EQ(ShapeOne({.id = "hash:name"}, RecordOf(R"({"name":"bash","vector":[1]})"))->id, IdFromText("bash"));
  const auto one = ShapeOne({.id = "hash"}, RecordOf(R"({"a":1,"b":2,"vector":[1]})", 0));
  const auto two = ShapeOne({.id = "hash"}, RecordOf(R"({"b":2,"vector":[1],"a":1})", 9));
  EXPECT_EQ(one->id, two->id);
}

TEST(RecordShape, TakesVectorsFromArraysTextAndNames) {
  EXPECT_THAT(ShapeOne({}, RecordOf(R"({"vector":[1,-2.5,3e0]})"))->vectors[0].values, ElementsAre(1, -2.5, 3));
  EXPECT_THAT(ShapeOne({.vector_field = "e"}, RecordOf(R"({"e":"[1, 2]"})"))->vectors[0].values, ElementsAre(1, 2));
  const auto named = ShapeOne({}, RecordOf(R"({"vector":{"a":[1],"b":[2,3]}})"));
  ASSERT_EQ(named->vectors.size(), 2u);
  EXPECT_EQ(named->vectors[1].name, "b");
  EXPECT_EQ(ShapeOne({.vector_name = "t"}, RecordOf(R"({"vector":[1]})"))->vectors[0].name, "t");
  EXPECT_THAT(ProblemOf({}, R"({"a":1})"), HasSubstr("no vector field `vector`"));
  EXPECT_THAT(ProblemOf({}, R"({"vector":[1,"x"]})"), HasSubstr("no finite number"));
  EXPECT_THAT(ProblemOf({}, R"({"vector":[1e39]})"), HasSubstr("no finite number"));
  EXPECT_THAT(ProblemOf({}, R"({"vector":"\"[1]\""})"), HasSubstr("is text"));
  EXPECT_THAT(ProblemOf({}, R"({"vector":5})"), HasSubstr("no array"));
}

TEST(RecordShape, LeavesTheRestAsPayload) {
  EXPECT_EQ(engine::ToJson(ShapeOne({}, RecordOf(R"({"id":1,"vector":[1],"a":{"b":2},"c":"d"})"))->payload),
            R"({"a":{"b":2},"c":"d"})");
  EXPECT_TRUE(ShapeOne({}, RecordOf(R"({"id":1,"vector":[1]})"))->payload.is_null());
  EXPECT_EQ(engine::ToJson(ShapeOne({.payload_field = "p"}, RecordOf(R"({"vector":[1],"p":{"a":1},"x":2})"))->payload),
            R"({"a":1})");
  EXPECT_THAT(ProblemOf({.payload_field = "p"}, R"({"vector":[1],"p":3})"), HasSubstr("`p` is no object"));
}

TEST(RecordShape, ReadsBackWhatExportWrites) {
  const auto point = ShapeOne({}, RecordOf(R"({"id":3,"vector":[1,2],"payload":{"id":"mine","vector":"too"}})"));
  EXPECT_EQ(point->id, PointId::Number(3));
  EXPECT_EQ(engine::ToJson(point->payload), R"({"id":"mine","vector":"too"})");
  EXPECT_TRUE(ShapeOne({}, RecordOf(R"({"id":3,"vector":[1],"payload":null})"))->payload.is_null());
}

TEST(RecordShape, JoinsTextsToEmbed) {
  const ShapeOptions options = {.embed_fields = {"title", "body"}};
  EXPECT_EQ(ShapeOne(options, RecordOf(R"({"title":"A","body":"B","n":1})"))->text, "A\n\nB");
  EXPECT_EQ(ShapeOne(options, RecordOf(R"({"title":null,"body":"B"})"))->text, "B");
  EXPECT_THAT(ProblemOf(options, R"({"n":1})"), HasSubstr("no text to embed"));
}

TEST(UpsertBody, WritesPointsTheServerReads) {
  std::vector<ShapedPoint> points(2);
  points[0].id = PointId::Number(1);
  points[0].vectors = {{"", {0.1f, -2}}};
  points[0].payload = *engine::ParseJson(R"({"a":"ü\n"})");
  points[1].id = IdFromText("x");
  points[1].vectors = {{"a", {1}}, {"b", {2}}};
  const std::string body = UpsertBody(points);
  const auto json = engine::ParseJson(body);
  ASSERT_TRUE(json.ok()) << body;
  EXPECT_THAT(body, HasSubstr(R"({"id":1,"vector":[0.1,-2.0],"payload":{"a":"ü\n"}})"));
  EXPECT_THAT(body, HasSubstr(R"("vector":{"a":[1.0],"b":[2.0]}})"));
}

}  // namespace
}  // namespace lineal::cli
