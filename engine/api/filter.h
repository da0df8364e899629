// A filter: a tree of conditions on payload fields and ids, in the product's nouns. Plain data; built at the door,
// evaluated by engine/filter.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "engine/payload/value.h"

namespace lineal::engine {

struct Condition;

// All of `must`, at least one of `should` (if any are given), none of `must_not`, at least `min_should->count` of its
// conditions. An empty filter passes everything.
struct Filter {
  struct MinShould {
    std::vector<Condition> conditions;
    uint64_t count = 0;
  };
  std::vector<Condition> must;
  std::vector<Condition> should;
  std::vector<Condition> must_not;
  std::optional<MinShould> min_should;
  bool empty() const { return must.empty() && should.empty() && must_not.empty() && !min_should; }
};

// A scalar that `match` compares with: string, integer or bool.
using MatchScalar = std::variant<std::string, int64_t, bool>;

struct MatchValue {
  MatchScalar value;
};
struct MatchAny {
  std::vector<MatchScalar> values;
};  // any of them
struct MatchExcept {
  std::vector<MatchScalar> values;
};  // has a value that is none of them
struct MatchText {
  std::string text;
};  // every token of `text` occurs (token-wise, case-folded)

struct Range {
  std::optional<double> lt, gt, lte, gte;
};
// Bounds in microseconds since 1970, UTC.
struct DatetimeRange {
  std::optional<int64_t> lt, gt, lte, gte;
};
struct ValuesCount {
  std::optional<uint64_t> lt, gt, lte, gte;
};

struct FieldCondition {
  std::string key;
  std::variant<MatchValue, MatchAny, MatchExcept, MatchText, Range, DatetimeRange, ValuesCount> test;
};
struct IsEmpty {
  std::string key;
};  // missing, null or []
struct IsNull {
  std::string key;
};  // present and null
struct HasId {
  std::vector<PointId> ids;
};
struct HasVector {
  std::string name;
};
// The filter must hold within one element of the array (of objects) at `key`.
struct Nested {
  std::string key;
  std::shared_ptr<const Filter> filter;
};

struct Condition {
  std::variant<FieldCondition, IsEmpty, IsNull, HasId, HasVector, Nested, std::shared_ptr<const Filter>> test;
};

// Limits that the doors and the engine hold filters to.
inline constexpr int kFilterDepthMax = 32;
inline constexpr size_t kFilterConditionsMax = 1024;
inline constexpr size_t kFilterValuesMax = 65536;

// Microseconds since 1970 for an RFC 3339 text, or one of the looser forms clients send ("2024-01-31",
// "2024-01-31T10:00", "2024-01-31 10:00:00", with or without zone; no zone is UTC).
std::optional<int64_t> ParseDatetime(std::string_view text);

}  // namespace lineal::engine
