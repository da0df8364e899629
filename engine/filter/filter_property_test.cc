// Laws over random payloads and filters: what passes is what a plain reading says; bounds hold it between them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/string_sink.h"
#include "engine/filter/compiled_filter.h"
#include "engine/filter/field_index.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

using Fields = std::map<std::string, FieldSchema>;

// A plain reading of filters: values are copied out of the payload, every rule spelled once more.

// Keys here are plain names, dots and `[]` only.
std::vector<Value> OracleAt(const Value& value, std::string key) {
  std::vector<Value> now{value};
  while (!key.empty()) {
    size_t dot = key.find('.');
    std::string part = key.substr(0, dot);
    key = dot == std::string::npos ? "" : key.substr(dot + 1);
    bool each = part.ends_with("[]");
    if (each) part.resize(part.size() - 2);
    std::vector<Value> next;
    for (const Value& at : now) {
      std::vector<Value> owners;
      if (at.is_object()) owners.push_back(at);
      if (at.is_array()) owners = at.array();
      for (const Value& owner : owners) {
        if (!owner.is_object()) continue;
        for (const auto& [name, member] : owner.object()) {
          if (name != part) continue;
          if (!each) next.push_back(member);
          if (each && member.is_array()) next.insert(next.end(), member.array().begin(), member.array().end());
        }
      }
    }
    now = next;
  }
  return now;
}

std::vector<Value> OracleElements(const Value& value, const std::string& key) {
  std::vector<Value> elements;
  for (const Value& at : OracleAt(value, key)) {
    if (at.is_array()) {
      elements.insert(elements.end(), at.array().begin(), at.array().end());
    } else {
      elements.push_back(at);
    }
  }
  return elements;
}

std::string LowerAscii(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool OracleEqual(const Value& value, const MatchScalar& scalar, bool uuid) {
  if (auto* flag = std::get_if<bool>(&scalar)) return value == Value(*flag);
  if (auto* integer = std::get_if<int64_t>(&scalar)) return value == Value(*integer);
  if (!value.is_string()) return false;
  const std::string& text = std::get<std::string>(scalar);
  if (uuid) {
    auto a = PointId::ParseUuid(value.string()), b = PointId::ParseUuid(text);
    if (a && b) return *a == *b;
  }
  return value.string() == text;
}

std::set<std::string> OracleWords(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  for (char c : LowerAscii(text) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      word += c;
    } else if (!word.empty()) {
      words.insert(word);
      word.clear();
    }
  }
  return words;
}

double OracleNumber(const Value& value) {
  if (auto* a = value.get_if<int64_t>()) return static_cast<double>(*a);
  if (auto* b = value.get_if<uint64_t>()) return static_cast<double>(*b);
  return *value.get_if<double>();
}

template <class Bounds, class T>
bool Inside(const Bounds& bounds, T value) {
  if (bounds.lt && !(value < *bounds.lt)) return false;
  if (bounds.lte && !(value <= *bounds.lte)) return false;
  if (bounds.gt && !(value > *bounds.gt)) return false;
  return !(bounds.gte && !(value >= *bounds.gte));
}

bool OracleField(const Value& payload, const FieldCondition& condition, bool uuid) {
  if (auto* count = std::get_if<ValuesCount>(&condition.test)) {
    auto values = OracleAt(payload, condition.key);
    if (values.empty()) return Inside(*count, uint64_t{0});
    return std::any_of(values.begin(), values.end(), [&](const Value& value) {
      return Inside(*count, uint64_t{value.is_array() ? value.array().size() : value.is_null() ? 0u : 1u});
    });
  }
  for (const Value& element : OracleElements(payload, condition.key)) {
    bool passes = false;
    if (auto* match = std::get_if<MatchValue>(&condition.test)) {
      passes = OracleEqual(element, match->value, uuid);
    } else if (auto* any = std::get_if<MatchAny>(&condition.test)) {
      for (const auto& scalar : any->values) passes |= OracleEqual(element, scalar, uuid);
    } else if (auto* except = std::get_if<MatchExcept>(&condition.test)) {
      passes = !element.is_null();
      for (const auto& scalar : except->values) passes &= !OracleEqual(element, scalar, uuid);
    } else if (auto* text = std::get_if<MatchText>(&condition.test)) {
      auto wanted = OracleWords(text->text);
      auto have = element.is_string() ? OracleWords(element.string()) : std::set<std::string>();
      passes = !wanted.empty() && std::includes(have.begin(), have.end(), wanted.begin(), wanted.end());
    } else if (auto* range = std::get_if<Range>(&condition.test)) {
      passes = element.is_number() && Inside(*range, OracleNumber(element));
    } else if (auto* datetimes = std::get_if<DatetimeRange>(&condition.test)) {
      auto micros = element.is_string() ? ParseDatetime(element.string()) : std::nullopt;
      passes = micros && Inside(*datetimes, *micros);
    }
    if (passes) return true;
  }
  return false;
}

struct TestPoint : PointFacts {
  PointId point_id;
  Value value;
  std::set<std::string> vectors;
  PointId id() const override { return point_id; }
  const Value& payload() const override { return value; }
  bool HasVector(std::string_view name) const override { return vectors.contains(std::string(name)); }
};

bool OracleFilter(const TestPoint* point, const Value& payload, const Filter& filter, const Fields& fields,
                  const std::string& prefix);

bool OracleCondition(const TestPoint* point, const Value& payload, const Condition& condition, const Fields& fields,
                     const std::string& prefix) {
  if (auto* field = std::get_if<FieldCondition>(&condition.test)) {
    auto schema = fields.find(prefix + field->key);
    return OracleField(payload, *field, schema != fields.end() && schema->second.type == FieldType::kUuid);
  }
  if (auto* empty = std::get_if<IsEmpty>(&condition.test)) {
    auto values = OracleAt(payload, empty->key);
    return std::all_of(values.begin(), values.end(), [](const Value& value) {
      return value.is_null() || (value.is_array() && value.array().empty());
    });
  }
  if (auto* null = std::get_if<IsNull>(&condition.test)) {
    auto values = OracleAt(payload, null->key);
    return std::any_of(values.begin(), values.end(), [](const Value& value) { return value.is_null(); });
  }
  if (auto* ids = std::get_if<HasId>(&condition.test)) {
    return point != nullptr && std::count(ids->ids.begin(), ids->ids.end(), point->point_id) > 0;
  }
  if (auto* vector = std::get_if<HasVector>(&condition.test)) {
    return point != nullptr && point->vectors.contains(vector->name);
  }
  if (auto* nested = std::get_if<Nested>(&condition.test)) {
    for (const Value& element : OracleAt(payload, nested->key + "[]")) {
      if (!element.is_object()) continue;
      if (OracleFilter(nullptr, element, *nested->filter, fields, prefix + nested->key + "[].")) return true;
    }
    return false;
  }
  return OracleFilter(point, payload, *std::get<std::shared_ptr<const Filter>>(condition.test), fields, prefix);
}

bool OracleFilter(const TestPoint* point, const Value& payload, const Filter& filter, const Fields& fields,
                  const std::string& prefix) {
  auto count = [&](const std::vector<Condition>& conditions) {
    uint64_t held = 0;
    for (const auto& condition : conditions) held += OracleCondition(point, payload, condition, fields, prefix);
    return held;
  };
  return count(filter.must) == filter.must.size() && count(filter.must_not) == 0 &&
         (filter.should.empty() || count(filter.should) > 0) &&
         (!filter.min_should || count(filter.min_should->conditions) >= filter.min_should->count);
}

// Random payloads and filters over few keys and few values, so that they meet.

constexpr const char* kUuids[] = {"550e8400-e29b-41d4-a716-446655440000", "550E8400E29B41D4A716446655440000",
                                  "{00000000-0000-0000-0000-000000000001}", "no uuid"};
constexpr const char* kDates[] = {"2024-01-31", "2024-01-31T00:00:00Z", "2023-05-01T10:00:00+02:00", "1969-12-31"};
constexpr const char* kTexts[] = {"red", "The red fox", "a FOX; red-hot", "blue", "", "fox"};

Value RandomScalar(Random* random) {
  switch (random->Below(9)) {
    case 0:
      return Value();
    case 1:
      return Value(random->OneIn(2));
    case 2:
      return Value(static_cast<int64_t>(random->Below(5)) - 2);
    case 3:
      return Value(static_cast<double>(random->Below(9)) / 2 - 2);
    case 4:
      return Value(~uint64_t{0} - random->Below(2));
    case 5:
      return Value(kUuids[random->Below(4)]);
    case 6:
      return Value(kDates[random->Below(4)]);
    case 7:
      return Value(kTexts[random->Below(6)]);
    default:
      return random->OneIn(2) ? Value::EmptyObject() : Value(Value::Array{Value(int64_t{1})});
  }
}
Value RandomFieldValue(Random* random) {
  if (!random->OneIn(3)) return RandomScalar(random);
  Value::Array elements(random->Below(4));
  for (Value& element : elements) element = RandomScalar(random);
  return Value(std::move(elements));
}
constexpr const char* kInner[] = {"x", "y", "u"};
Value RandomInner(Random* random) {
  Value object = Value::EmptyObject();
  for (const char* key : kInner) {
    if (!random->OneIn(3)) object.Set(key, RandomFieldValue(random));
  }
  return object;
}
constexpr const char* kPlain[] = {"kw", "int", "real", "flag", "date", "uuid", "text", "free"};
Value RandomPayload(Random* random) {
  if (random->OneIn(20)) return Value();
  Value payload = Value::EmptyObject();
  for (const char* key : kPlain) {
    if (!random->OneIn(4)) payload.Set(key, RandomFieldValue(random));
  }
  if (!random->OneIn(3)) {
    Value::Array elements(random->Below(4));
    for (Value& element : elements) element = random->OneIn(6) ? RandomScalar(random) : RandomInner(random);
    payload.Set("arr", Value(std::move(elements)));
  }
  if (random->OneIn(2)) payload.Set("obj", random->OneIn(6) ? RandomScalar(random) : RandomInner(random));
  return payload;
}

Fields AllFields() {
  Fields fields;
  fields["kw"].type = FieldType::kKeyword;
  fields["int"].type = FieldType::kInteger;
  fields["real"].type = FieldType::kFloat;
  fields["flag"].type = FieldType::kBool;
  fields["date"].type = FieldType::kDatetime;
  fields["uuid"].type = FieldType::kUuid;
  fields["text"].type = FieldType::kText;
  fields["arr[].x"].type = FieldType::kInteger;
  fields["arr[].u"].type = FieldType::kUuid;
  fields["obj.x"].type = FieldType::kKeyword;
  return fields;
}

MatchScalar RandomMatchScalar(Random* random) {
  switch (random->Below(4)) {
    case 0:
      return static_cast<int64_t>(random->Below(5)) - 2;
    case 1:
      return random->OneIn(2);
    case 2:
      return std::string(kUuids[random->Below(4)]);
    default:
      return std::string(kTexts[random->Below(6)]);
  }
}
std::vector<MatchScalar> RandomMatchScalars(Random* random) {
  std::vector<MatchScalar> scalars(random->Below(4));
  // Mostly of one kind, as clients send them.
  uint64_t kind = random->Below(5);
  for (auto& scalar : scalars) {
    scalar = RandomMatchScalar(random);
    while (kind < 3 && scalar.index() != kind) scalar = RandomMatchScalar(random);
  }
  return scalars;
}
template <class Bounds, class Draw>
Bounds RandomBounds(Random* random, Draw draw) {
  Bounds bounds;
  if (random->OneIn(3)) bounds.gt = draw();
  if (random->OneIn(3)) bounds.gte = draw();
  if (random->OneIn(3)) bounds.lt = draw();
  if (random->OneIn(3)) bounds.lte = draw();
  return bounds;
}
FieldCondition RandomFieldCondition(Random* random, std::string key) {
  FieldCondition condition{std::move(key), Range()};
  switch (random->Below(7)) {
    case 0:
      condition.test = MatchValue{RandomMatchScalar(random)};
      break;
    case 1:
      condition.test = MatchAny{RandomMatchScalars(random)};
      break;
    case 2:
      condition.test = MatchExcept{RandomMatchScalars(random)};
      break;
    case 3:
      condition.test = MatchText{kTexts[random->Below(6)]};
      break;
    case 4:
      condition.test = RandomBounds<Range>(random, [&] { return static_cast<double>(random->Below(9)) / 2 - 2; });
      break;
    case 5:
      condition.test = RandomBounds<DatetimeRange>(random, [&] { return *ParseDatetime(kDates[random->Below(4)]); });
      break;
    default:
      condition.test = RandomBounds<ValuesCount>(random, [&] { return random->Below(4); });
  }
  return condition;
}

Filter RandomFilter(Random* random, int depth, bool nested);
std::string RandomKey(Random* random, bool nested) {
  constexpr const char* kDeep[] = {"arr", "arr[]", "arr[].x", "arr.x", "arr[].u", "obj.x", "obj.y", "obj", "nowhere.x"};
  if (nested) return kInner[random->Below(3)];
  return random->OneIn(3) ? kDeep[random->Below(9)] : kPlain[random->Below(8)];
}
Condition RandomCondition(Random* random, int depth, bool nested) {
  switch (random->Below(depth > 2 ? 8 : 11)) {
    case 0:
      return {IsEmpty{RandomKey(random, nested)}};
    case 1:
      return {IsNull{RandomKey(random, nested)}};
    case 2: {
      HasId ids;
      for (uint64_t i = random->Below(6); i > 0; --i) ids.ids.push_back(PointId::Number(random->Below(30)));
      return {ids};
    }
    case 3:
      return {HasVector{random->OneIn(2) ? "" : "title"}};
    case 8:
      return {std::make_shared<const Filter>(RandomFilter(random, depth + 1, nested))};
    case 9:
    case 10:
      if (!nested) return {Nested{"arr", std::make_shared<const Filter>(RandomFilter(random, depth + 1, true))}};
      [[fallthrough]];
    default:
      return {RandomFieldCondition(random, RandomKey(random, nested))};
  }
}
std::vector<Condition> RandomConditions(Random* random, int depth, bool nested, uint64_t most) {
  std::vector<Condition> conditions;
  for (uint64_t i = random->Below(most + 1); i > 0; --i) conditions.push_back(RandomCondition(random, depth, nested));
  return conditions;
}
Filter RandomFilter(Random* random, int depth, bool nested) {
  Filter filter;
  filter.must = RandomConditions(random, depth, nested, depth == 0 ? 1 : 2);
  if (random->OneIn(2)) filter.should = RandomConditions(random, depth, nested, 3);
  if (random->OneIn(2)) filter.must_not = RandomConditions(random, depth, nested, 2);
  if (random->OneIn(3)) {
    filter.min_should = Filter::MinShould{RandomConditions(random, depth, nested, 4), random->Below(4)};
  }
  return filter;
}

// Segments of both kinds.

struct StringRegion : MappedRegion {
  std::string held;
  explicit StringRegion(std::string bytes) : held(std::move(bytes)) {}
  std::string_view bytes() const override { return held; }
};

struct TestSegment : SegmentFacts {
  std::vector<TestPoint> points;
  std::map<std::string, std::unique_ptr<FieldIndex>> indexes;
  RowSet stale;

  uint32_t rows() const override { return static_cast<uint32_t>(points.size()); }
  const FieldIndex* Field(std::string_view key) const override {
    auto at = indexes.find(std::string(key));
    return at == indexes.end() ? nullptr : at->second.get();
  }
  const RowSet& stale_rows() const override { return stale; }
  RowSet RowsOf(const std::vector<PointId>& ids) const override {
    RowSet found;
    for (uint32_t row = 0; row < rows(); ++row) {
      if (std::count(ids.begin(), ids.end(), points[row].point_id) > 0) found.add(row);
    }
    return found;
  }
  RowSet RowsWithVector(std::string_view name) const override {
    RowSet found;
    for (uint32_t row = 0; row < rows(); ++row) {
      if (points[row].HasVector(name)) found.add(row);
    }
    return found;
  }
};

std::unique_ptr<FieldIndex> Growing(const std::string& key, const FieldSchema& schema, const std::vector<Value>& rows) {
  auto column = FieldColumn::Create(key, schema, static_cast<uint32_t>(rows.size()));
  for (const Value& row : rows) column->Append(row);
  return column;
}
std::unique_ptr<FieldIndex> Sealed(const std::string& key, const FieldSchema& schema, const std::vector<Value>& rows) {
  auto builder = FieldIndexBuilder::Create(key, schema);
  for (const Value& row : rows) builder->Append(row);
  StringSink sink;
  EXPECT_TRUE(builder->Save(&sink).ok());
  auto index = LoadFieldIndex(std::make_shared<StringRegion>(sink.bytes), key, schema);
  EXPECT_TRUE(index.ok()) << index.status();
  return *std::move(index);
}

// A segment whose indexes have seen what the rows held first; some rows then changed, and are stale.
TestSegment RandomSegment(Random* random, uint32_t rows, bool sealed) {
  TestSegment segment;
  std::vector<Value> first;
  for (uint32_t row = 0; row < rows; ++row) {
    TestPoint point;
    point.point_id = PointId::Number(random->Below(30));
    if (!random->OneIn(3)) point.vectors.insert("");
    if (random->OneIn(3)) point.vectors.insert("title");
    point.value = RandomPayload(random);
    first.push_back(point.value);
    if (random->OneIn(8)) {
      segment.stale.add(row);
      point.value = RandomPayload(random);
    }
    segment.points.push_back(std::move(point));
  }
  for (const auto& [key, schema] : AllFields()) {
    segment.indexes[key] = sealed ? Sealed(key, schema, first) : Growing(key, schema, first);
  }
  return segment;
}

RowSet Truth(const TestSegment& segment, const Filter& filter, const Fields& fields) {
  RowSet truth;
  for (uint32_t row = 0; row < segment.rows(); ++row) {
    const TestPoint& point = segment.points[row];
    if (OracleFilter(&point, point.value, filter, fields, "")) truth.add(row);
  }
  return truth;
}

class FilterLaws : public testing::TestWithParam<bool> {};

TEST_P(FilterLaws, PassesWhatAPlainReadingPassesAndBoundsHoldItBetweenThem) {
  Fields fields = AllFields();
  uint64_t answered = 0, passing = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    Random random(seed);
    TestSegment segment = RandomSegment(&random, 60, GetParam());
    for (int i = 0; i < 150; ++i) {
      Filter filter = RandomFilter(&random, 0, false);
      SCOPED_TRACE(testing::Message() << "seed " << seed << " filter " << i);
      auto compiled = CompiledFilter::Compile(filter, &fields);
      ASSERT_TRUE(compiled.ok()) << compiled.status();
      RowSet truth = Truth(segment, filter, fields);
      for (uint32_t row = 0; row < segment.rows(); ++row) {
        ASSERT_EQ((*compiled)->Passes(segment.points[row]), truth.contains(row))
            << row << " " << ToJson(segment.points[row].value);
      }
      FilterBounds bounds = (*compiled)->Bounds(segment);
      ASSERT_TRUE(bounds.lower.isSubset(truth)) << (bounds.lower - truth).toString();
      ASSERT_TRUE(truth.isSubset(bounds.upper)) << (truth - bounds.upper).toString();
      ASSERT_TRUE(bounds.upper.isEmpty() || bounds.upper.maximum() < segment.rows());
      answered += bounds.lower.cardinality();
      passing += truth.cardinality();
    }
  }
  // The bounds are of use: much of what passes is known to pass without looking.
  EXPECT_GT(answered * 4, passing);
}

TEST_P(FilterLaws, OneIndexedConditionIsAnsweredExactlyButForStaleRows) {
  Fields fields = AllFields();
  uint64_t exact = 0;
  for (uint64_t seed = 100; seed < 104; ++seed) {
    Random random(seed);
    TestSegment segment = RandomSegment(&random, 300, GetParam());
    for (int i = 0; i < 400; ++i) {
      auto field = fields.begin();
      std::advance(field, static_cast<ptrdiff_t>(random.Below(fields.size())));
      FieldCondition condition = RandomFieldCondition(&random, field->first);
      auto match = segment.indexes[field->first]->Match(condition, segment.rows());
      if (!match) continue;
      ++exact;
      RowSet truth = Truth(segment, Filter{.must = {{condition}}}, fields) - segment.stale;
      ASSERT_TRUE(*match - segment.stale == truth)
          << "seed " << seed << " condition " << i << " on " << field->first << " test " << condition.test.index();
      uint32_t some = static_cast<uint32_t>(random.Below(segment.rows()));
      RowSet below;
      below.addRange(0, some);
      ASSERT_TRUE(*segment.indexes[field->first]->Match(condition, some) == (*match & below));
    }
    for (const auto& [key, index] : segment.indexes) {
      RowSet empty = Truth(segment, Filter{.must = {{IsEmpty{key}}}}, fields) - segment.stale;
      RowSet null = Truth(segment, Filter{.must = {{IsNull{key}}}}, fields) - segment.stale;
      ASSERT_TRUE(*index->Empty(segment.rows()) - segment.stale == empty) << key;
      ASSERT_TRUE(*index->Null(segment.rows()) - segment.stale == null) << key;
    }
  }
  EXPECT_GT(exact, 300u);
}

INSTANTIATE_TEST_SUITE_P(BothKinds, FilterLaws, testing::Bool(),
                         [](const auto& kind) { return kind.param ? "Sealed" : "Growing"; });

TEST(FieldIndexLaws, AGrowingColumnAndASealedIndexOfTheSameRowsAreEqual) {
  Fields fields = AllFields();
  Random random(9);
  std::vector<Value> rows;
  for (int i = 0; i < 2'000; ++i) rows.push_back(RandomPayload(&random));
  for (const auto& [key, schema] : fields) {
    auto growing = Growing(key, schema, rows);
    auto sealed = Sealed(key, schema, rows);
    EXPECT_EQ(growing->rows_with_value(), sealed->rows_with_value()) << key;
    for (uint32_t below : {2'000u, 1'234u, 0u}) {
      EXPECT_TRUE(*growing->Empty(below) == *sealed->Empty(below)) << key;
      EXPECT_TRUE(*growing->Null(below) == *sealed->Null(below)) << key;
    }
    for (int i = 0; i < 300; ++i) {
      FieldCondition condition = RandomFieldCondition(&random, key);
      auto a = growing->Match(condition, 2'000), b = sealed->Match(condition, 2'000);
      ASSERT_EQ(a.has_value(), b.has_value()) << key;
      if (!a) continue;
      ASSERT_TRUE(*a == *b) << key << " test " << condition.test.index();
    }
  }
}

}  // namespace
}  // namespace lineal::engine
