#include "engine/filter/compiled_filter.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

struct Point : PointFacts {
  Value value;
  explicit Point(std::string_view json) : value(*ParseJson(json)) {}
  PointId id() const override { return PointId::Number(7); }
  const Value& payload() const override { return value; }
  bool HasVector(std::string_view name) const override { return name == "title"; }
};

template <class Test>
Condition On(std::string key, Test test) {
  return {FieldCondition{std::move(key), std::move(test)}};
}
Filter Must(Condition condition) {
  Filter filter;
  filter.must.push_back(std::move(condition));
  return filter;
}
Condition Inner(Filter filter) { return {std::make_shared<const Filter>(std::move(filter))}; }
Condition Within(std::string key, Filter filter) {
  return {Nested{std::move(key), std::make_shared<const Filter>(std::move(filter))}};
}

bool Passes(const Filter& filter, std::string_view json) {
  auto compiled = CompiledFilter::Compile(filter);
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return (*compiled)->Passes(Point(json));
}
bool Passes(Condition condition, std::string_view json) { return Passes(Must(std::move(condition)), json); }

TEST(CompiledFilter, MatchesOnlyValuesOfTheSameKind) {
  EXPECT_TRUE(Passes(On("a", MatchValue{int64_t{5}}), R"({"a":5})"));
  EXPECT_FALSE(Passes(On("a", MatchValue{int64_t{5}}), R"({"a":5.0})"));
  EXPECT_FALSE(Passes(On("a", MatchValue{int64_t{5}}), R"({"a":"5"})"));
  EXPECT_FALSE(Passes(On("a", MatchValue{int64_t{1}}), R"({"a":true})"));
  EXPECT_TRUE(Passes(On("a", MatchValue{"red"}), R"({"a":"red"})"));
  EXPECT_FALSE(Passes(On("a", MatchValue{"red"}), R"({"a":"Red"})"));
  EXPECT_TRUE(Passes(On("a", MatchValue{false}), R"({"a":false})"));
  EXPECT_FALSE(Passes(On("a", MatchValue{false}), "{}"));
}

TEST(CompiledFilter, LooksAtEveryElementOfAnArrayButNotIntoArraysInIt) {
  EXPECT_TRUE(Passes(On("a", MatchValue{"x"}), R"({"a":["y","x"]})"));
  EXPECT_TRUE(Passes(On("a[].b", MatchValue{"x"}), R"({"a":[{"b":"y"},{"b":["x"]}]})"));
  EXPECT_FALSE(Passes(On("a", MatchValue{"x"}), R"({"a":[["x"]]})"));
}

TEST(CompiledFilter, NegatesAnyElementUnderMustNot) {
  Filter filter;
  filter.must_not.push_back(On("a", MatchValue{"x"}));
  EXPECT_FALSE(Passes(filter, R"({"a":["y","x"]})"));
  EXPECT_TRUE(Passes(filter, R"({"a":["y"]})"));
  EXPECT_TRUE(Passes(filter, "{}"));
}

TEST(CompiledFilter, ExceptAsksForAValueThatIsNotListed) {
  Condition except = On("a", MatchExcept{{std::string("x"), std::string("y")}});
  EXPECT_TRUE(Passes(except, R"({"a":"z"})"));
  EXPECT_TRUE(Passes(except, R"({"a":["x","z"]})"));
  EXPECT_TRUE(Passes(except, R"({"a":5})"));
  EXPECT_TRUE(Passes(except, R"({"a":{}})"));
  for (const char* json : {R"({"a":"x"})", R"({"a":["x","y"]})", R"({"a":null})", R"({"a":[]})", "{}"}) {
    EXPECT_FALSE(Passes(except, json)) << json;
  }
}

TEST(CompiledFilter, ComparesRangesWithNumbersOfAnyKind) {
  Condition range = On("a", Range{.lt = 10, .gte = 2});
  for (const char* json : {R"({"a":2})", R"({"a":2.0})", R"({"a":9.99})", R"({"a":[1,5]})"}) {
    EXPECT_TRUE(Passes(range, json)) << json;
  }
  for (const char* json : {R"({"a":10})", R"({"a":1})", R"({"a":"5"})", R"({"a":true})", R"({"a":[1,11]})", "{}"}) {
    EXPECT_FALSE(Passes(range, json)) << json;
  }
  EXPECT_TRUE(Passes(On("a", Range{.gt = 1e19}), R"({"a":18446744073709551615})"));
}

TEST(CompiledFilter, ComparesDatetimesOfAnyForm) {
  Condition range = On("a", DatetimeRange{.gte = ParseDatetime("2024-01-31")});
  EXPECT_TRUE(Passes(range, R"({"a":"2024-01-31T00:00:00Z"})"));
  EXPECT_TRUE(Passes(range, R"({"a":"2024-01-31 01:00:00+01:00"})"));
  EXPECT_FALSE(Passes(range, R"({"a":"2024-01-31T00:30:00+01:00"})"));
  EXPECT_FALSE(Passes(range, R"({"a":"soon"})"));
}

TEST(CompiledFilter, CountsValues) {
  Condition two = On("a", ValuesCount{.gte = 2});
  EXPECT_TRUE(Passes(two, R"({"a":[1,null]})"));
  EXPECT_FALSE(Passes(two, R"({"a":5})"));
  Condition none = On("a", ValuesCount{.lt = 1});
  for (const char* json : {"{}", R"({"a":null})", R"({"a":[]})"}) EXPECT_TRUE(Passes(none, json)) << json;
  EXPECT_FALSE(Passes(none, R"({"a":{}})"));
}

TEST(CompiledFilter, TellsEmptyFromNull) {
  Condition empty{IsEmpty{"a"}}, null{IsNull{"a"}};
  for (const char* json : {"{}", R"({"a":null})", R"({"a":[]})"}) EXPECT_TRUE(Passes(empty, json)) << json;
  for (const char* json : {R"({"a":[null]})", R"({"a":0})", R"({"a":""})", R"({"a":{}})"}) {
    EXPECT_FALSE(Passes(empty, json)) << json;
  }
  EXPECT_TRUE(Passes(null, R"({"a":null})"));
  for (const char* json : {"{}", R"({"a":[]})", R"({"a":[null]})", R"({"a":0})"})
    EXPECT_FALSE(Passes(null, json)) << json;
  EXPECT_TRUE(Passes({IsNull{"a[].b"}}, R"({"a":[{"b":1},{"b":null}]})"));
}

TEST(CompiledFilter, MatchesTextByWholeWordsOfOneValue) {
  Condition text = On("a", MatchText{"Red FOX"});
  EXPECT_TRUE(Passes(text, R"({"a":"the fox was red."})"));
  EXPECT_FALSE(Passes(text, R"({"a":"the foxes were red"})"));
  EXPECT_FALSE(Passes(text, R"({"a":["red","fox"]})"));
  EXPECT_FALSE(Passes(On("a", MatchText{" - "}), R"({"a":"anything"})"));
}

TEST(CompiledFilter, HoldsANestedFilterToOneElement) {
  Filter both;
  both.must = {On("food", MatchValue{"meat"}), On("likes", MatchValue{true})};
  const char* apart = R"({"diet":[{"food":"meat","likes":false},{"food":"leaves","likes":true}]})";
  const char* together = R"({"diet":[{"food":"meat","likes":true}]})";
  EXPECT_FALSE(Passes(Within("diet", both), apart));
  EXPECT_TRUE(Passes(Within("diet", both), together));
  EXPECT_TRUE(Passes(Within("diet[]", both), together));
  EXPECT_FALSE(Passes(Within("diet", both), R"({"diet":{"food":"meat","likes":true}})"));
  Filter not_meat;
  not_meat.must_not = {On("food", MatchValue{"meat"})};
  EXPECT_TRUE(Passes(Within("diet", not_meat), apart));
  EXPECT_FALSE(Passes(Within("diet", not_meat), together));
  EXPECT_FALSE(Passes(Within("diet", not_meat), R"({"diet":[]})"));
}

TEST(CompiledFilter, AsksOfIdsAndVectorsOutsideNestedConditionsOnly) {
  Condition id{HasId{{PointId::Number(7)}}}, vector{HasVector{"title"}};
  EXPECT_TRUE(Passes(id, "{}"));
  EXPECT_FALSE(Passes(Condition{HasId{{PointId::Number(8)}}}, "{}"));
  EXPECT_TRUE(Passes(vector, "{}"));
  EXPECT_FALSE(Passes(Condition{HasVector{""}}, "{}"));
  EXPECT_FALSE(Passes(Within("a", Must(id)), R"({"a":[{}]})"));
}

TEST(CompiledFilter, HasAKeyThatOthersWithOtherBoundsHaveNot) {
  const auto key = [](const Filter& filter, const std::map<std::string, FieldSchema>* fields = nullptr) {
    return (*CompiledFilter::Compile(filter, fields))->key();
  };
  Filter x, y, ids, inner, longer;
  x.must = {On("a", MatchValue{"x"})};
  y.must = {On("a", MatchValue{"y"})};
  EXPECT_FALSE(key(x).empty());
  EXPECT_EQ(key(x), key(x));
  EXPECT_NE(key(x), key(y));
  const std::map<std::string, FieldSchema> uuid = {{"a", {.type = FieldType::kUuid}}};
  EXPECT_NE(key(x), key(x, &uuid)) << "texts are compared otherwise";
  ids.must_not = {Condition{HasId{{PointId::Number(7)}}}};
  EXPECT_TRUE(key(ids).empty());
  inner.should = {On("a", MatchValue{"x"}), Condition{std::make_shared<const Filter>(ids)}};
  EXPECT_TRUE(key(inner).empty());
  longer.must = {On("a", MatchValue{std::string(2'000, 'x')})};
  EXPECT_TRUE(key(longer).empty());
  EXPECT_TRUE(key({}).empty());
}

TEST(CompiledFilter, CombinesGroups) {
  Filter filter;
  filter.should = {On("a", MatchValue{"x"}), On("a", MatchValue{"y"})};
  EXPECT_TRUE(Passes(filter, R"({"a":"y"})"));
  EXPECT_FALSE(Passes(filter, R"({"a":"z"})"));
  filter.should.clear();
  EXPECT_TRUE(Passes(filter, "{}"));
  filter.min_should = {{On("a", MatchValue{"x"}), On("b", MatchValue{"x"}), On("c", MatchValue{"x"})}, 2};
  EXPECT_TRUE(Passes(filter, R"({"a":"x","c":"x"})"));
  EXPECT_FALSE(Passes(filter, R"({"c":"x"})"));
  filter.min_should->count = 4;
  EXPECT_FALSE(Passes(filter, R"({"a":"x","b":"x","c":"x"})"));
  filter.min_should->count = 0;
  EXPECT_TRUE(Passes(filter, "{}"));
  EXPECT_TRUE(Passes(Inner(Must(Inner(Filter()))), "{}"));
}

TEST(CompiledFilter, ComparesTextsOfAUuidFieldAsUuids) {
  Filter filter = Must(On("u", MatchValue{"550E8400E29B41D4A716446655440000"}));
  const char* json = R"({"u":"550e8400-e29b-41d4-a716-446655440000"})";
  EXPECT_FALSE(Passes(filter, json));
  std::map<std::string, FieldSchema> fields;
  fields["u"].type = FieldType::kUuid;
  EXPECT_TRUE((*CompiledFilter::Compile(filter, &fields))->Passes(Point(json)));
}

TEST(CompiledFilter, KnowsWhenItPassesEverything) {
  EXPECT_TRUE((*CompiledFilter::Compile(Filter()))->passes_all());
  EXPECT_FALSE((*CompiledFilter::Compile(Must(Condition{IsNull{"a"}})))->passes_all());
  EXPECT_TRUE(Passes(Filter(), "null"));
}

void ExpectRefused(const Filter& filter, ErrorKind kind, std::string_view message) {
  auto compiled = CompiledFilter::Compile(filter);
  ASSERT_FALSE(compiled.ok());
  EXPECT_EQ(KindOf(compiled.status()), kind);
  EXPECT_NE(MessageOf(compiled.status()).find(message), std::string_view::npos) << compiled.status();
}

Filter Deep(int levels) {
  Filter filter = Must(On("a", MatchValue{"x"}));
  for (int i = 1; i < levels; ++i) filter = Must(i % 2 ? Inner(std::move(filter)) : Within("a", std::move(filter)));
  return filter;
}

TEST(CompiledFilter, RefusesWhatIsBeyondItsLimitsWithValueAndLimit) {
  EXPECT_TRUE(CompiledFilter::Compile(Deep(kFilterDepthMax)).ok());
  ExpectRefused(Deep(33), ErrorKind::kOutOfRange, "33 levels deep, the limit is 32");
  ExpectRefused(Deep(200), ErrorKind::kOutOfRange, "200 levels deep, the limit is 32");
  Filter wide;
  wide.should.assign(kFilterConditionsMax, On("a", MatchValue{"x"}));
  EXPECT_TRUE(CompiledFilter::Compile(wide).ok());
  wide.must.push_back({IsNull{"a"}});
  ExpectRefused(wide, ErrorKind::kOutOfRange, "1025 conditions, the limit is 1024");
  MatchAny many;
  many.values.assign(kFilterValuesMax, MatchScalar(int64_t{1}));
  EXPECT_TRUE(CompiledFilter::Compile(Must(On("a", many))).ok());
  many.values.emplace_back(true);
  ExpectRefused(Must(On("a", many)), ErrorKind::kOutOfRange, "65537 values, the limit is 65536");
}

TEST(CompiledFilter, RefusesBrokenKeysAnywhere) {
  ExpectRefused(Must(On("a..b", MatchValue{"x"})), ErrorKind::kNone, "a..b");
  ExpectRefused(Must(Within("", Filter())), ErrorKind::kNone, "invalid payload key");
  ExpectRefused(Must(Within("a", Must(Condition{IsEmpty{"["}}))), ErrorKind::kNone, "`[`");
}

TEST(CompiledFilter, StaysQuickForALargeMinShould) {
  Filter filter;
  filter.min_should = Filter::MinShould{std::vector<Condition>(1024, Condition{IsNull{"a"}}), 512};
  struct Empty : SegmentFacts {
    RowSet none;
    uint32_t rows() const override { return 1'000'000; }
    const FieldIndex* Field(std::string_view) const override { return nullptr; }
    const RowSet& stale_rows() const override { return none; }
    RowSet RowsOf(const std::vector<PointId>&) const override { return {}; }
    RowSet RowsWithVector(std::string_view) const override { return {}; }
  };
  FilterBounds bounds = (*CompiledFilter::Compile(filter))->Bounds(Empty());
  EXPECT_TRUE(bounds.lower.isEmpty());
  EXPECT_EQ(bounds.upper.cardinality(), 1'000'000u);
}

std::vector<std::string> MustHoldKeys(const Filter& filter) {
  std::map<std::string, FieldSchema> fields;
  fields["id"].type = FieldType::kUuid;
  std::vector<std::string> keys;
  const auto compiled = *CompiledFilter::Compile(filter, &fields);
  for (const MustHold& must : compiled->must_hold()) {
    keys.push_back(must.condition.key + (must.as_uuid ? "!" : ""));
  }
  return keys;
}

TEST(CompiledFilter, KnowsWhichConditionsEachRowFulfils) {
  const auto is = [](const char* key) { return Condition{FieldCondition{key, MatchValue{"x"}}}; };
  const auto inner = [](Filter filter) { return Condition{std::make_shared<const Filter>(std::move(filter))}; };
  using Keys = std::vector<std::string>;
  EXPECT_EQ(MustHoldKeys({}), Keys());
  EXPECT_EQ(MustHoldKeys({.must = {is("a"), is("id")}}), Keys({"a", "id!"}));
  EXPECT_EQ(MustHoldKeys({.should = {is("a")}}), Keys({"a"}));
  EXPECT_EQ(MustHoldKeys({.should = {is("a"), is("b")}}), Keys());
  EXPECT_EQ(MustHoldKeys({.must_not = {is("a")}}), Keys());
  Filter some{.should = {is("a")}};
  some.min_should = Filter::MinShould{{is("b"), is("c")}, 2};
  EXPECT_EQ(MustHoldKeys(some), Keys({"a"}));
  EXPECT_EQ(MustHoldKeys({.must = {inner({.must = {is("a")}, .must_not = {is("b")}})}}), Keys({"a"}));
  EXPECT_EQ(MustHoldKeys({.should = {inner({.must = {is("a")}})}}), Keys());
  EXPECT_EQ(MustHoldKeys({.must_not = {inner({.must = {is("a")}})}}), Keys());
  EXPECT_EQ(MustHoldKeys({.must = {Condition{Nested{"a", std::make_shared<const Filter>(Filter{.must = {is("b")}})}}}}),
            Keys());
}

}  // namespace
}  // namespace lineal::engine
