#include "engine/filter/field_query.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "base/coding.h"
#include "base/ids.h"

namespace lineal::engine {
namespace {

std::optional<std::string> TermOfText(FieldType type, std::string_view text) {
  if (type == FieldType::kKeyword) return std::string(text);
  if (type == FieldType::kUuid) return UuidTerm(text);
  return std::nullopt;
}
std::optional<std::string> TermOfFlag(FieldType type, bool flag) {
  if (type == FieldType::kBool) return std::string(1, flag ? '\1' : '\0');
  return std::nullopt;
}

std::optional<std::string> TermOf(FieldType type, const MatchScalar& scalar) {
  if (auto* text = std::get_if<std::string>(&scalar)) return TermOfText(type, *text);
  if (auto* flag = std::get_if<bool>(&scalar)) return TermOfFlag(type, *flag);
  return std::nullopt;
}

// The scalars that a match condition compares with, and whether it wants none of them; nothing for other conditions.
struct Scalars {
  std::span<const MatchScalar> values;
  bool except = false;
};
std::optional<Scalars> ScalarsOf(const FieldCondition& condition) {
  if (auto* one = std::get_if<MatchValue>(&condition.test)) return Scalars{{&one->value, 1}, false};
  if (auto* any = std::get_if<MatchAny>(&condition.test)) return Scalars{any->values, false};
  if (auto* except = std::get_if<MatchExcept>(&condition.test)) return Scalars{except->values, true};
  return std::nullopt;
}

}  // namespace

std::string UuidTerm(std::string_view text) {
  std::string term;
  if (auto id = PointId::ParseUuid(text)) {
    term.push_back('\1');
    PutBig64(&term, id->high());
    PutBig64(&term, id->low());
  } else {
    term.push_back('\0');
    term.append(text);
  }
  return term;
}

std::optional<std::string> TermOf(FieldType type, const Value& value) {
  if (auto* text = value.get_if<std::string>()) return TermOfText(type, *text);
  if (auto* flag = value.get_if<bool>()) return TermOfFlag(type, *flag);
  return std::nullopt;
}

std::optional<TermQuery> TermQueryOf(FieldType type, const FieldCondition& condition) {
  auto scalars = ScalarsOf(condition);
  if (!scalars) return std::nullopt;
  TermQuery query;
  query.except = scalars->except;
  for (const MatchScalar& scalar : scalars->values) {
    auto term = TermOf(type, scalar);
    if (!term) return std::nullopt;
    query.terms.push_back(std::move(*term));
  }
  return query;
}

std::optional<OrderedValue> OrderedValueOf(FieldType type, const Value& value) {
  if (type == FieldType::kDatetime) {
    const auto* text = value.get_if<std::string>();
    auto micros = text ? ParseDatetime(*text) : std::nullopt;
    if (!micros) return std::nullopt;
    return OrderedValue{true, *micros, 0};
  }
  if (auto* integer = value.get_if<int64_t>()) return OrderedValue{true, *integer, 0};
  auto real = NumberOf(value);
  if (!real) return std::nullopt;
  return OrderedValue{false, 0, *real};
}

std::optional<OrderedQuery> OrderedQuery::Of(FieldType type, const FieldCondition& condition) {
  OrderedQuery query;
  if (type == FieldType::kDatetime) {
    const auto* datetimes = std::get_if<DatetimeRange>(&condition.test);
    if (datetimes == nullptr) return std::nullopt;
    query.kind_ = Kind::kDatetime;
    query.datetimes_ = *datetimes;
    return query;
  }
  if (auto* range = std::get_if<Range>(&condition.test)) {
    query.kind_ = Kind::kRange;
    query.SetRange(*range);
    return query;
  }
  auto scalars = ScalarsOf(condition);
  if (!scalars) return std::nullopt;
  query.kind_ = scalars->except ? Kind::kExcept : Kind::kAny;
  for (const MatchScalar& scalar : scalars->values) {
    const auto* integer = std::get_if<int64_t>(&scalar);
    if (integer == nullptr) return std::nullopt;
    query.integers_.push_back(*integer);
  }
  std::sort(query.integers_.begin(), query.integers_.end());
  return query;
}

void OrderedQuery::SetRange(const Range& range) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  range_ = range;
  least_ = -kInfinity, greatest_ = kInfinity;
  // A bound that is no number keeps nothing.
  const auto narrow = [&](double least, double greatest) {
    if (std::isnan(least) || std::isnan(greatest)) least = kInfinity, greatest = -kInfinity;
    least_ = std::max(least_, least);
    greatest_ = std::min(greatest_, greatest);
  };
  const auto none = [&] { narrow(kInfinity, -kInfinity); };
  if (range.gte) narrow(*range.gte, kInfinity);
  if (range.lte) narrow(-kInfinity, *range.lte);
  if (range.gt) *range.gt == kInfinity ? none() : narrow(std::nextafter(*range.gt, kInfinity), kInfinity);
  if (range.lt) *range.lt == -kInfinity ? none() : narrow(-kInfinity, std::nextafter(*range.lt, -kInfinity));
}

bool OrderedQuery::AboveLower(int64_t value) const {
  return kind_ == Kind::kDatetime ? KeepsLower(datetimes_, value) : KeepsLower(range_, static_cast<double>(value));
}
bool OrderedQuery::BelowUpper(int64_t value) const {
  return kind_ == Kind::kDatetime ? KeepsUpper(datetimes_, value) : KeepsUpper(range_, static_cast<double>(value));
}
bool OrderedQuery::AboveLower(double value) const { return KeepsLower(range_, value); }
bool OrderedQuery::BelowUpper(double value) const { return KeepsUpper(range_, value); }

std::optional<double> NumberOf(const Value& value) {
  if (auto* integer = value.get_if<int64_t>()) return static_cast<double>(*integer);
  if (auto* natural = value.get_if<uint64_t>()) return static_cast<double>(*natural);
  const auto* real = value.get_if<double>();
  if (real == nullptr || std::isnan(*real)) return std::nullopt;
  return *real;
}

}  // namespace lineal::engine
