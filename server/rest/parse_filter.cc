#include "server/rest/parse_filter.h"

#include <utility>

namespace lineal::server {
namespace {

using engine::Condition;
using engine::FieldCondition;
using engine::Filter;

Condition Group(std::vector<Condition> should) {
  auto filter = std::make_shared<Filter>();
  filter->should = std::move(should);
  return Condition{std::shared_ptr<const Filter>(std::move(filter))};
}

Condition Not(Condition condition) {
  auto filter = std::make_shared<Filter>();
  filter->must_not.push_back(std::move(condition));
  return Condition{std::shared_ptr<const Filter>(std::move(filter))};
}

class FilterReader {
 public:
  absl::StatusOr<Filter> ReadFilter(JsonElement element, const JsonPlace& place, int depth);

 private:
  absl::StatusOr<std::vector<Condition>> ReadConditions(JsonElement element, const JsonPlace& place, int depth);
  absl::StatusOr<Condition> ReadCondition(JsonElement element, const JsonPlace& place, int depth);
  absl::StatusOr<Condition> ReadField(const JsonObject& object, const JsonPlace& place);
  absl::Status ReadFieldTests(const JsonObject& object, const std::string& key, const JsonPlace& place,
                              std::vector<Condition>* out);
  absl::StatusOr<FieldCondition> ReadMatch(JsonElement element, const std::string& key, const JsonPlace& place);
  absl::StatusOr<std::vector<engine::MatchScalar>> ReadScalars(JsonElement element, const JsonPlace& place);
  absl::StatusOr<Condition> ReadNested(JsonElement element, const JsonPlace& place, int depth);
  absl::StatusOr<Condition> ReadHasId(JsonElement element, const JsonPlace& place);
  absl::Status CountValue(const JsonPlace& place, size_t count);

  size_t conditions_ = 0;
};

absl::Status FilterReader::CountValue(const JsonPlace& place, size_t count) {
  if (count <= engine::kFilterValuesMax) return absl::OkStatus();
  return OutOfRangeAt(place, StrCat("has more than ", engine::kFilterValuesMax, " values"));
}

absl::StatusOr<Filter> FilterReader::ReadFilter(JsonElement element, const JsonPlace& place, int depth) {
  if (depth > engine::kFilterDepthMax) {
    return MakeError(ErrorKind::kOutOfRange,
                     StrCat("filter: nested deeper than the limit of ", engine::kFilterDepthMax, " levels"));
  }
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  Filter filter;
  for (auto [key, value] : object) {
    const JsonPlace at(place, key);
    if (key != "must" && key != "should" && key != "must_not" && key != "min_should") {
      return MalformedAt(place, StrCat("unknown field `", key.substr(0, 64),
                                       "`, expected one of `should`, `min_should`, `must`, `must_not`"));
    }
    if (value.is_null()) continue;
    if (key == "min_should") {
      LINEAL_ASSIGN_OR_RETURN(JsonObject min_should, ReadObject(value, at));
      LINEAL_ASSIGN_OR_RETURN(JsonElement list, Require(min_should, "conditions", at));
      LINEAL_ASSIGN_OR_RETURN(JsonElement count, Require(min_should, "min_count", at));
      Filter::MinShould some;
      LINEAL_ASSIGN_OR_RETURN(some.conditions, ReadConditions(list, JsonPlace(at, "conditions"), depth));
      LINEAL_ASSIGN_OR_RETURN(some.count, ReadUint(count, JsonPlace(at, "min_count")));
      filter.min_should = std::move(some);
      continue;
    }
    LINEAL_ASSIGN_OR_RETURN(std::vector<Condition> list, ReadConditions(value, at, depth));
    (key == "must" ? filter.must : key == "should" ? filter.should : filter.must_not) = std::move(list);
  }
  return filter;
}

// A list, or one condition by itself.
absl::StatusOr<std::vector<Condition>> FilterReader::ReadConditions(JsonElement element, const JsonPlace& place,
                                                                    int depth) {
  std::vector<Condition> out;
  if (element.is_object()) {
    LINEAL_ASSIGN_OR_RETURN(Condition only, ReadCondition(element, place, depth));
    out.push_back(std::move(only));
    return out;
  }
  LINEAL_RETURN_IF_ERROR(ForEach(element, place, [&](JsonElement item, const JsonPlace& at) -> absl::Status {
    LINEAL_ASSIGN_OR_RETURN(Condition condition, ReadCondition(item, at, depth));
    out.push_back(std::move(condition));
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<Condition> FilterReader::ReadCondition(JsonElement element, const JsonPlace& place, int depth) {
  if (++conditions_ > engine::kFilterConditionsMax) {
    return MakeError(ErrorKind::kOutOfRange,
                     StrCat("filter: has more than ", engine::kFilterConditionsMax, " conditions"));
  }
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  if (object.size() == 0) return MalformedAt(place, "a condition is empty");
  if (Find(object, "key")) return ReadField(object, place);
  for (auto [name, value] : object) {
    const JsonPlace at(place, name);
    if (name == "is_empty" || name == "is_null") {
      LINEAL_ASSIGN_OR_RETURN(JsonObject field, ReadObject(value, at));
      LINEAL_ASSIGN_OR_RETURN(JsonElement key, Require(field, "key", at));
      LINEAL_ASSIGN_OR_RETURN(std::string path, ReadString(key, JsonPlace(at, "key")));
      if (name == "is_empty") return Condition{engine::IsEmpty{std::move(path)}};
      return Condition{engine::IsNull{std::move(path)}};
    }
    if (name == "has_id") return ReadHasId(value, at);
    if (name == "has_vector") {
      LINEAL_ASSIGN_OR_RETURN(std::string vector, ReadString(value, at));
      return Condition{engine::HasVector{std::move(vector)}};
    }
    if (name == "nested") return ReadNested(value, at, depth);
    if (name == "slice") return UnsupportedAt(at, "slice conditions are");
  }
  LINEAL_ASSIGN_OR_RETURN(Filter inner, ReadFilter(element, place, depth + 1));
  return Condition{std::make_shared<const Filter>(std::move(inner))};
}

absl::StatusOr<Condition> FilterReader::ReadHasId(JsonElement element, const JsonPlace& place) {
  engine::HasId has_id;
  LINEAL_RETURN_IF_ERROR(ForEach(element, place, [&](JsonElement item, const JsonPlace& at) -> absl::Status {
    LINEAL_RETURN_IF_ERROR(CountValue(place, has_id.ids.size() + 1));
    LINEAL_ASSIGN_OR_RETURN(PointId id, ReadPointId(item, at));
    has_id.ids.push_back(id);
    return absl::OkStatus();
  }));
  return Condition{std::move(has_id)};
}

absl::StatusOr<Condition> FilterReader::ReadNested(JsonElement element, const JsonPlace& place, int depth) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement key, Require(object, "key", place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement filter, Require(object, "filter", place));
  engine::Nested nested;
  LINEAL_ASSIGN_OR_RETURN(nested.key, ReadString(key, JsonPlace(place, "key")));
  LINEAL_ASSIGN_OR_RETURN(Filter inner, ReadFilter(filter, JsonPlace(place, "filter"), depth + 1));
  nested.filter = std::make_shared<const Filter>(std::move(inner));
  return Condition{std::move(nested)};
}

absl::StatusOr<Condition> FilterReader::ReadField(const JsonObject& object, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonElement key_element, Require(object, "key", place));
  LINEAL_ASSIGN_OR_RETURN(std::string key, ReadString(key_element, JsonPlace(place, "key")));
  std::vector<Condition> tests;
  LINEAL_RETURN_IF_ERROR(ReadFieldTests(object, key, place, &tests));
  if (tests.empty()) {
    return MalformedAt(place, "a field condition needs one of `match`, `range`, `values_count`, `is_empty`, `is_null`");
  }
  if (tests.size() == 1) return std::move(tests[0]);
  // Several tests beside one key: any of them, as in the dialect.
  return Group(std::move(tests));
}

absl::StatusOr<Condition> ReadRange(JsonElement element, const std::string& key, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  engine::Range numbers;
  engine::DatetimeRange times;
  bool has_numbers = false, has_times = false;
  for (auto [name, value] : object) {
    const JsonPlace at(place, name);
    const int bound = name == "lt" ? 0 : name == "gt" ? 1 : name == "lte" ? 2 : name == "gte" ? 3 : -1;
    if (bound < 0 || value.is_null()) continue;
    std::optional<double>* number[] = {&numbers.lt, &numbers.gt, &numbers.lte, &numbers.gte};
    std::optional<int64_t>* time[] = {&times.lt, &times.gt, &times.lte, &times.gte};
    if (value.is_string()) {
      std::string_view text = value.get_string().value_unsafe();
      *time[bound] = engine::ParseDatetime(text);
      if (!*time[bound]) return MalformedAt(at, StrCat("'", text.substr(0, 64), "' is not a datetime (RFC 3339)"));
      has_times = true;
    } else {
      LINEAL_ASSIGN_OR_RETURN(*number[bound], ReadDouble(value, at));
      has_numbers = true;
    }
  }
  if (has_numbers && has_times) return MalformedAt(place, "a range mixes numbers and datetimes");
  if (has_times) return Condition{FieldCondition{key, times}};
  return Condition{FieldCondition{key, numbers}};
}

absl::StatusOr<Condition> ReadValuesCount(JsonElement element, const std::string& key, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  engine::ValuesCount count;
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "lt", place, ReadUint, &count.lt));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "gt", place, ReadUint, &count.gt));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "lte", place, ReadUint, &count.lte));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "gte", place, ReadUint, &count.gte));
  return Condition{FieldCondition{key, count}};
}

absl::Status FilterReader::ReadFieldTests(const JsonObject& object, const std::string& key, const JsonPlace& place,
                                          std::vector<Condition>* out) {
  for (auto [name, value] : object) {
    if (name == "key" || value.is_null()) continue;
    const JsonPlace at(place, name);
    if (name == "match") {
      LINEAL_ASSIGN_OR_RETURN(FieldCondition match, ReadMatch(value, key, at));
      out->push_back(Condition{std::move(match)});
    } else if (name == "range") {
      LINEAL_ASSIGN_OR_RETURN(Condition range, ReadRange(value, key, at));
      out->push_back(std::move(range));
    } else if (name == "values_count") {
      LINEAL_ASSIGN_OR_RETURN(Condition count, ReadValuesCount(value, key, at));
      out->push_back(std::move(count));
    } else if (name == "is_empty" || name == "is_null") {
      LINEAL_ASSIGN_OR_RETURN(bool wanted, ReadBool(value, at));
      Condition is = name == "is_empty" ? Condition{engine::IsEmpty{key}} : Condition{engine::IsNull{key}};
      out->push_back(wanted ? std::move(is) : Not(std::move(is)));
    } else if (name.starts_with("geo_")) {
      return UnsupportedAt(at, "geo conditions are");
    } else {
      return MalformedAt(place, StrCat("unknown field `", name.substr(0, 64), "` in a field condition"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<engine::MatchScalar> ReadScalar(JsonElement element, const JsonPlace& place) {
  std::string_view text;
  if (!element.get(text)) return engine::MatchScalar(std::string(text));
  bool flag;
  if (!element.get(flag)) return engine::MatchScalar(flag);
  int64_t number;
  if (!element.get(number)) return engine::MatchScalar(number);
  return WrongType(place, "a string, a 64-bit integer or a boolean", element);
}

absl::StatusOr<std::vector<engine::MatchScalar>> FilterReader::ReadScalars(JsonElement element,
                                                                           const JsonPlace& place) {
  std::vector<engine::MatchScalar> out;
  LINEAL_RETURN_IF_ERROR(ForEach(element, place, [&](JsonElement item, const JsonPlace& at) -> absl::Status {
    LINEAL_RETURN_IF_ERROR(CountValue(place, out.size() + 1));
    LINEAL_ASSIGN_OR_RETURN(engine::MatchScalar scalar, ReadScalar(item, at));
    if (!out.empty() && out.front().index() != scalar.index()) return MalformedAt(at, "values are of different types");
    out.push_back(std::move(scalar));
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<FieldCondition> FilterReader::ReadMatch(JsonElement element, const std::string& key,
                                                       const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  for (auto [name, value] : object) {
    const JsonPlace at(place, name);
    if (name == "value") {
      LINEAL_ASSIGN_OR_RETURN(engine::MatchScalar scalar, ReadScalar(value, at));
      return FieldCondition{key, engine::MatchValue{std::move(scalar)}};
    }
    if (name == "text") {
      LINEAL_ASSIGN_OR_RETURN(std::string text, ReadString(value, at));
      return FieldCondition{key, engine::MatchText{std::move(text)}};
    }
    if (name == "any" || name == "except") {
      LINEAL_ASSIGN_OR_RETURN(std::vector<engine::MatchScalar> values, ReadScalars(value, at));
      if (name == "any") return FieldCondition{key, engine::MatchAny{std::move(values)}};
      return FieldCondition{key, engine::MatchExcept{std::move(values)}};
    }
    if (name == "text_any" || name == "phrase" || name == "prefix") return UnsupportedAt(at, "this kind of match is");
  }
  return MalformedAt(place, "expected one of `value`, `text`, `any`, `except`");
}

}  // namespace

absl::StatusOr<Filter> ReadFilter(JsonElement element, const JsonPlace& place) {
  return FilterReader().ReadFilter(element, place, 1);
}

}  // namespace lineal::server
