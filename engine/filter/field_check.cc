#include "engine/filter/field_check.h"

#include <algorithm>

#include "engine/filter/field_query.h"
#include "engine/filter/field_values.h"
#include "engine/filter/tokens.h"

namespace lineal::engine {
namespace {

bool HasAllTokens(std::string_view text, const std::vector<std::string>& wanted) {
  if (wanted.empty()) return false;
  std::vector<std::string> found = TokenSet(text);
  return std::includes(found.begin(), found.end(), wanted.begin(), wanted.end());
}

bool CountPasses(const PayloadPath& path, const Value& payload, const ValuesCount& bounds) {
  auto passes = [&](uint64_t count) { return KeepsLower(bounds, count) && KeepsUpper(bounds, count); };
  bool any_value = false, any_passes = false;
  path.Visit(payload, [&](const Value& value) {
    any_value = true;
    const auto* elements = value.get_if<Value::Array>();
    any_passes = passes(elements ? elements->size() : value.is_null() ? 0 : 1);
    return !any_passes;
  });
  return any_value ? any_passes : passes(0);
}

}  // namespace

ScalarSet::ScalarSet(const std::vector<MatchScalar>& scalars, bool as_uuid) : as_uuid_(as_uuid) {
  for (const MatchScalar& scalar : scalars) {
    if (auto* text = std::get_if<std::string>(&scalar)) {
      texts_.insert(as_uuid ? UuidTerm(*text) : *text);
    } else if (auto* integer = std::get_if<int64_t>(&scalar)) {
      integers_.insert(*integer);
    } else {
      (std::get<bool>(scalar) ? has_true_ : has_false_) = true;
    }
  }
}

bool ScalarSet::Contains(const Value& value) const {
  if (auto* text = value.get_if<std::string>()) return texts_.contains(as_uuid_ ? UuidTerm(*text) : *text);
  if (auto* integer = value.get_if<int64_t>()) return integers_.contains(*integer);
  if (auto* flag = value.get_if<bool>()) return *flag ? has_true_ : has_false_;
  return false;
}

FieldCheck::FieldCheck(const FieldCondition& condition, bool as_uuid) : test_(TestOf(condition, as_uuid)) {}

FieldCheck::Test FieldCheck::TestOf(const FieldCondition& condition, bool as_uuid) {
  struct Maker {
    bool as_uuid;
    Test operator()(const MatchValue& match) const { return Among{ScalarSet({match.value}, as_uuid)}; }
    Test operator()(const MatchAny& match) const { return Among{ScalarSet(match.values, as_uuid)}; }
    Test operator()(const MatchExcept& match) const { return NotAmong{ScalarSet(match.values, as_uuid)}; }
    Test operator()(const MatchText& match) const { return Words{TokenSet(match.text)}; }
    Test operator()(const Range& range) const { return range; }
    Test operator()(const DatetimeRange& range) const { return range; }
    Test operator()(const ValuesCount& count) const { return count; }
  };
  return std::visit(Maker{as_uuid}, condition.test);
}

bool FieldCheck::PassesElement(const Value& element) const {
  struct Tester {
    const Value& element;
    bool operator()(const Among& among) const { return among.scalars.Contains(element); }
    bool operator()(const NotAmong& among) const { return !element.is_null() && !among.scalars.Contains(element); }
    bool operator()(const Words& words) const {
      const auto* text = element.get_if<std::string>();
      return text != nullptr && HasAllTokens(*text, words.tokens);
    }
    bool operator()(const Range& range) const {
      auto number = NumberOf(element);
      return number && KeepsLower(range, *number) && KeepsUpper(range, *number);
    }
    bool operator()(const DatetimeRange& range) const {
      const auto* text = element.get_if<std::string>();
      auto micros = text ? ParseDatetime(*text) : std::nullopt;
      return micros && KeepsLower(range, *micros) && KeepsUpper(range, *micros);
    }
    bool operator()(const ValuesCount&) const { return false; }
  };
  return std::visit(Tester{element}, test_);
}

bool FieldCheck::Passes(const PayloadPath& path, const Value& payload) const {
  if (auto* count = std::get_if<ValuesCount>(&test_)) return CountPasses(path, payload, *count);
  bool passes = false;
  ForEachElement(path, payload, [&](const Value& element) { return !(passes = PassesElement(element)); });
  return passes;
}

}  // namespace lineal::engine
