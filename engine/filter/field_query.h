// A field condition in the form one family of payload index works with, and the form in which that family holds values.
// Terms serve keyword, uuid and bool fields; ordered numbers serve integer, float and datetime fields.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "engine/api/filter.h"
#include "engine/api/schema.h"

namespace lineal::engine {

// Two texts that name the same UUID in any form have one term; a text that is none has its own.
std::string UuidTerm(std::string_view text);

// The term under which a field of that type (keyword, uuid, bool) holds a value; nothing if it cannot.
std::optional<std::string> TermOf(FieldType type, const Value& value);

struct TermQuery {
  std::vector<std::string> terms;
  bool except = false;  // rows with an element that is none of the terms
};
// Nothing if an index of that type cannot answer the condition.
std::optional<TermQuery> TermQueryOf(FieldType type, const FieldCondition& condition);

// A number as an ordered index holds it: whole numbers exactly, all others as doubles.
struct OrderedValue {
  bool whole = true;
  int64_t integer = 0;
  double real = 0;
};
std::optional<OrderedValue> OrderedValueOf(FieldType type, const Value& value);

class OrderedQuery {
 public:
  enum class Kind { kAny, kExcept, kRange, kDatetime };
  static std::optional<OrderedQuery> Of(FieldType type, const FieldCondition& condition);

  Kind kind() const { return kind_; }
  const std::vector<int64_t>& integers() const { return integers_; }  // sorted; kAny and kExcept
  bool Passes(int64_t value) const {
    if (kind_ == Kind::kRange) return InRange(static_cast<double>(value));
    if (kind_ == Kind::kDatetime) return AboveLower(value) && BelowUpper(value);
    return std::binary_search(integers_.begin(), integers_.end(), value) == (kind_ == Kind::kAny);
  }
  bool Passes(double value) const { return kind_ == Kind::kRange ? InRange(value) : kind_ == Kind::kExcept; }
  // Of a kRange.
  bool InRange(double value) const { return bool(value >= least_) & bool(value <= greatest_); }
  // For ranges: whether the value keeps the lower bounds, and the upper ones.
  bool AboveLower(int64_t value) const;
  bool BelowUpper(int64_t value) const;
  bool AboveLower(double value) const;
  bool BelowUpper(double value) const;

 private:
  Kind kind_ = Kind::kAny;
  void SetRange(const Range& range);

  std::vector<int64_t> integers_;
  Range range_;
  double least_ = 0, greatest_ = 0;  // that keep range_
  DatetimeRange datetimes_;
};

// The number a range condition compares; nothing for what is no number.
std::optional<double> NumberOf(const Value& value);

template <class Bounds, class T>
bool KeepsLower(const Bounds& bounds, T value) {
  return (!bounds.gt || value > *bounds.gt) && (!bounds.gte || value >= *bounds.gte);
}
template <class Bounds, class T>
bool KeepsUpper(const Bounds& bounds, T value) {
  return (!bounds.lt || value < *bounds.lt) && (!bounds.lte || value <= *bounds.lte);
}

}  // namespace lineal::engine
