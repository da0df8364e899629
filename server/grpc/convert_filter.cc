#include "server/grpc/convert_filter.h"

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "base/status.h"
#include "server/grpc/convert_vector.h"

namespace lineal::server {
namespace {

using engine::Condition;
using engine::FieldCondition;
using engine::Filter;

// Walks the tree with a list of its own, so that depth costs no stack, and counts.
class LimitCheck {
 public:
  absl::Status Run(const v1::Filter& root) {
    open_.push_back({&root, 1});
    while (!open_.empty()) {
      auto [filter, depth] = open_.back();
      open_.pop_back();
      if (depth > engine::kFilterDepthMax) {
        return OutOfRange("filter is nested deeper than ", engine::kFilterDepthMax, " levels");
      }
      Visit(filter->must(), depth);
      Visit(filter->should(), depth);
      Visit(filter->must_not(), depth);
      Visit(filter->min_should().conditions(), depth);
      if (conditions_ > engine::kFilterConditionsMax) {
        return OutOfRange("filter has more than ", engine::kFilterConditionsMax, " conditions");
      }
      if (values_ > engine::kFilterValuesMax) {
        return OutOfRange("filter has more than ", engine::kFilterValuesMax, " values");
      }
    }
    return absl::OkStatus();
  }

 private:
  void Visit(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions, int depth) {
    conditions_ += static_cast<size_t>(conditions.size());
    for (const v1::Condition& condition : conditions) {
      if (condition.has_filter()) open_.push_back({&condition.filter(), depth + 1});
      if (condition.has_nested()) open_.push_back({&condition.nested().filter(), depth + 1});
      values_ += static_cast<size_t>(condition.field().match_any().values_size());
      values_ += static_cast<size_t>(condition.field().match_except().values_size());
      values_ += static_cast<size_t>(condition.has_id().ids_size());
      values_ += static_cast<size_t>(condition.has_id().packed().numbers_size());
      values_ += condition.has_id().packed().uuids().size() / 16;
    }
  }

  std::vector<std::pair<const v1::Filter*, int>> open_;
  size_t conditions_ = 0;
  size_t values_ = 0;
};

absl::StatusOr<engine::MatchScalar> ScalarFromWire(const v1::MatchScalar& scalar) {
  switch (scalar.value_case()) {
    case v1::MatchScalar::kKeyword:
      return engine::MatchScalar(scalar.keyword());
    case v1::MatchScalar::kInteger:
      return engine::MatchScalar(static_cast<int64_t>(scalar.integer()));
    case v1::MatchScalar::kBoolean:
      return engine::MatchScalar(scalar.boolean());
    case v1::MatchScalar::VALUE_NOT_SET:
      break;
  }
  return InvalidArgument("match has no value");
}

absl::StatusOr<std::vector<engine::MatchScalar>> ScalarsFromWire(const v1::MatchScalars& scalars) {
  std::vector<engine::MatchScalar> out;
  out.reserve(static_cast<size_t>(scalars.values_size()));
  for (const v1::MatchScalar& scalar : scalars.values()) {
    LINEAL_ASSIGN_OR_RETURN(out.emplace_back(), ScalarFromWire(scalar));
  }
  return out;
}

template <class Bounds, class Wire>
Bounds BoundsFromWire(const Wire& wire) {
  Bounds bounds;
  if (wire.has_lt()) bounds.lt = wire.lt();
  if (wire.has_gt()) bounds.gt = wire.gt();
  if (wire.has_lte()) bounds.lte = wire.lte();
  if (wire.has_gte()) bounds.gte = wire.gte();
  return bounds;
}

absl::StatusOr<engine::Range> RangeFromWire(const v1::Range& wire) {
  if (std::isnan(wire.lt()) || std::isnan(wire.gt()) || std::isnan(wire.lte()) || std::isnan(wire.gte())) {
    return InvalidArgument("range bound is not a number");
  }
  return BoundsFromWire<engine::Range>(wire);
}

absl::StatusOr<FieldCondition> FieldFromWire(const v1::FieldCondition& wire) {
  if (wire.key().empty()) return InvalidArgument("field condition has no key");
  FieldCondition field;
  field.key = wire.key();
  switch (wire.test_case()) {
    case v1::FieldCondition::kMatch: {
      LINEAL_ASSIGN_OR_RETURN(auto value, ScalarFromWire(wire.match()));
      field.test = engine::MatchValue{std::move(value)};
      return field;
    }
    case v1::FieldCondition::kMatchAny: {
      LINEAL_ASSIGN_OR_RETURN(auto values, ScalarsFromWire(wire.match_any()));
      field.test = engine::MatchAny{std::move(values)};
      return field;
    }
    case v1::FieldCondition::kMatchExcept: {
      LINEAL_ASSIGN_OR_RETURN(auto values, ScalarsFromWire(wire.match_except()));
      field.test = engine::MatchExcept{std::move(values)};
      return field;
    }
    case v1::FieldCondition::kMatchText:
      field.test = engine::MatchText{wire.match_text()};
      return field;
    case v1::FieldCondition::kRange: {
      LINEAL_ASSIGN_OR_RETURN(field.test, RangeFromWire(wire.range()));
      return field;
    }
    case v1::FieldCondition::kDatetimeRange:
      field.test = BoundsFromWire<engine::DatetimeRange>(wire.datetime_range());
      return field;
    case v1::FieldCondition::kValuesCount:
      field.test = BoundsFromWire<engine::ValuesCount>(wire.values_count());
      return field;
    case v1::FieldCondition::TEST_NOT_SET:
      break;
  }
  return InvalidArgument("condition on `", wire.key(), "` has no test");
}

absl::StatusOr<engine::HasId> HasIdFromWire(const v1::HasId& wire) {
  engine::HasId has_id;
  for (const v1::PointId& id : wire.ids()) {
    LINEAL_ASSIGN_OR_RETURN(PointId converted, IdFromWire(id));
    has_id.ids.push_back(converted);
  }
  LINEAL_RETURN_IF_ERROR(AppendIds(wire.packed(), &has_id.ids));
  return has_id;
}

absl::StatusOr<Filter> Convert(const v1::Filter& wire);

absl::StatusOr<std::shared_ptr<const Filter>> ConvertShared(const v1::Filter& wire) {
  LINEAL_ASSIGN_OR_RETURN(Filter filter, Convert(wire));
  return std::make_shared<const Filter>(std::move(filter));
}

absl::StatusOr<Condition> ConditionFromWire(const v1::Condition& wire) {
  Condition condition;
  switch (wire.test_case()) {
    case v1::Condition::kField: {
      LINEAL_ASSIGN_OR_RETURN(condition.test, FieldFromWire(wire.field()));
      return condition;
    }
    case v1::Condition::kIsEmpty:
      condition.test = engine::IsEmpty{wire.is_empty()};
      return condition;
    case v1::Condition::kIsNull:
      condition.test = engine::IsNull{wire.is_null()};
      return condition;
    case v1::Condition::kHasId: {
      LINEAL_ASSIGN_OR_RETURN(condition.test, HasIdFromWire(wire.has_id()));
      return condition;
    }
    case v1::Condition::kHasVector:
      condition.test = engine::HasVector{wire.has_vector()};
      return condition;
    case v1::Condition::kNested: {
      if (wire.nested().key().empty()) return InvalidArgument("nested condition has no key");
      LINEAL_ASSIGN_OR_RETURN(auto filter, ConvertShared(wire.nested().filter()));
      condition.test = engine::Nested{wire.nested().key(), std::move(filter)};
      return condition;
    }
    case v1::Condition::kFilter: {
      LINEAL_ASSIGN_OR_RETURN(condition.test, ConvertShared(wire.filter()));
      return condition;
    }
    case v1::Condition::TEST_NOT_SET:
      break;
  }
  return InvalidArgument("filter has a condition with no test");
}

absl::StatusOr<std::vector<Condition>> ConditionsFromWire(
    const google::protobuf::RepeatedPtrField<v1::Condition>& wire) {
  std::vector<Condition> out;
  out.reserve(static_cast<size_t>(wire.size()));
  for (const v1::Condition& condition : wire) {
    LINEAL_ASSIGN_OR_RETURN(out.emplace_back(), ConditionFromWire(condition));
  }
  return out;
}

// Recursive, at most kFilterDepthMax deep: LimitCheck has run.
absl::StatusOr<Filter> Convert(const v1::Filter& wire) {
  Filter filter;
  LINEAL_ASSIGN_OR_RETURN(filter.must, ConditionsFromWire(wire.must()));
  LINEAL_ASSIGN_OR_RETURN(filter.should, ConditionsFromWire(wire.should()));
  LINEAL_ASSIGN_OR_RETURN(filter.must_not, ConditionsFromWire(wire.must_not()));
  if (wire.has_min_should()) {
    Filter::MinShould min_should;
    LINEAL_ASSIGN_OR_RETURN(min_should.conditions, ConditionsFromWire(wire.min_should().conditions()));
    min_should.count = wire.min_should().count();
    filter.min_should = std::move(min_should);
  }
  return filter;
}

}  // namespace

absl::StatusOr<Filter> FilterFromWire(const v1::Filter& filter) {
  LINEAL_RETURN_IF_ERROR(LimitCheck().Run(filter));
  return Convert(filter);
}

}  // namespace lineal::server
