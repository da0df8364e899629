#include "server/grpc/convert_filter.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/status.h"

namespace lineal::server {
namespace {

TEST(ConvertFilter, ReadsEveryCondition) {
  v1::Filter wire;
  v1::FieldCondition* match = wire.add_must()->mutable_field();
  match->set_key("lang");
  match->mutable_match()->set_keyword("en");
  v1::FieldCondition* any = wire.add_must()->mutable_field();
  any->set_key("n");
  any->mutable_match_any()->add_values()->set_integer(-3);
  any->mutable_match_any()->add_values()->set_boolean(true);
  v1::FieldCondition* except = wire.add_should()->mutable_field();
  except->set_key("n");
  except->mutable_match_except()->add_values()->set_keyword("x");
  v1::FieldCondition* text = wire.add_should()->mutable_field();
  text->set_key("t");
  text->set_match_text("two words");
  v1::FieldCondition* range = wire.add_must_not()->mutable_field();
  range->set_key("r");
  range->mutable_range()->set_gte(0);
  range->mutable_range()->set_lt(INFINITY);
  v1::FieldCondition* datetime = wire.add_must_not()->mutable_field();
  datetime->set_key("d");
  datetime->mutable_datetime_range()->set_gt(-1);
  v1::FieldCondition* count = wire.add_must_not()->mutable_field();
  count->set_key("c");
  count->mutable_values_count()->set_lte(2);
  wire.mutable_min_should()->set_count(2);
  wire.mutable_min_should()->add_conditions()->set_is_empty("e");
  wire.mutable_min_should()->add_conditions()->set_is_null("z");
  wire.mutable_min_should()->add_conditions()->set_has_vector("text");
  v1::HasId* ids = wire.mutable_min_should()->add_conditions()->mutable_has_id();
  ids->add_ids()->set_number(1);
  ids->mutable_packed()->add_numbers(2);
  v1::Nested* nested = wire.add_must()->mutable_nested();
  nested->set_key("parts");
  nested->mutable_filter()->add_must()->mutable_filter()->add_must()->set_is_null("q");

  auto filter = FilterFromWire(wire);
  ASSERT_TRUE(filter.ok()) << filter.status();
  using engine::FieldCondition;
  auto field = [](const engine::Condition& condition) { return std::get<FieldCondition>(condition.test); };
  EXPECT_EQ(field(filter->must[0]).key, "lang");
  EXPECT_EQ(std::get<engine::MatchValue>(field(filter->must[0]).test).value, engine::MatchScalar("en"));
  EXPECT_EQ(std::get<engine::MatchAny>(field(filter->must[1]).test).values,
            (std::vector<engine::MatchScalar>{int64_t{-3}, true}));
  EXPECT_EQ(std::get<engine::MatchExcept>(field(filter->should[0]).test).values.size(), 1u);
  EXPECT_EQ(std::get<engine::MatchText>(field(filter->should[1]).test).text, "two words");
  const auto bounds = std::get<engine::Range>(field(filter->must_not[0]).test);
  EXPECT_EQ(bounds.gte, 0.0);
  EXPECT_EQ(bounds.lt, INFINITY);
  EXPECT_FALSE(bounds.gt || bounds.lte);
  EXPECT_EQ(std::get<engine::DatetimeRange>(field(filter->must_not[1]).test).gt, -1);
  EXPECT_EQ(std::get<engine::ValuesCount>(field(filter->must_not[2]).test).lte, 2u);
  ASSERT_TRUE(filter->min_should);
  EXPECT_EQ(filter->min_should->count, 2u);
  EXPECT_EQ(std::get<engine::IsEmpty>(filter->min_should->conditions[0].test).key, "e");
  EXPECT_EQ(std::get<engine::IsNull>(filter->min_should->conditions[1].test).key, "z");
  EXPECT_EQ(std::get<engine::HasVector>(filter->min_should->conditions[2].test).name, "text");
  EXPECT_EQ(std::get<engine::HasId>(filter->min_should->conditions[3].test).ids,
            (std::vector<PointId>{PointId::Number(1), PointId::Number(2)}));
  const auto& parts = std::get<engine::Nested>(filter->must[2].test);
  EXPECT_EQ(parts.key, "parts");
  EXPECT_TRUE(std::holds_alternative<std::shared_ptr<const engine::Filter>>(parts.filter->must[0].test));
}

TEST(ConvertFilter, PassesAnEmptyFilter) {
  auto filter = FilterFromWire({});
  ASSERT_TRUE(filter.ok());
  EXPECT_TRUE(filter->empty());
}

v1::Filter FilterOfDepth(int depth) {
  v1::Filter root;
  v1::Filter* at = &root;
  for (int i = 1; i < depth; ++i) {
    v1::Condition* condition = i % 2 == 0 ? at->add_must_not() : at->mutable_min_should()->add_conditions();
    if (i % 3 == 0) {
      condition->mutable_nested()->set_key("k");
      at = condition->mutable_nested()->mutable_filter();
    } else {
      at = condition->mutable_filter();
    }
  }
  return root;
}

TEST(ConvertFilter, HoldsDepthToTheLimitAndSurvivesAnyDepth) {
  EXPECT_TRUE(FilterFromWire(FilterOfDepth(engine::kFilterDepthMax)).ok());
#ifdef LINEAL_SANITIZED  // ThreadSanitizer's own stack of calls ends at 64 Ki frames, several for each level
  constexpr int kDeepest = 2'000;
#else
  constexpr int kDeepest = 10'000;
#endif
  for (int depth : {engine::kFilterDepthMax + 1, 200, kDeepest}) {
    absl::Status status = FilterFromWire(FilterOfDepth(depth)).status();
    EXPECT_EQ(KindOf(status), ErrorKind::kOutOfRange);
    EXPECT_EQ(MessageOf(status), "filter is nested deeper than 32 levels");
  }
}

TEST(ConvertFilter, HoldsTheNumberOfConditionsAndValuesToTheLimits) {
  v1::Filter many;
  for (size_t i = 0; i <= engine::kFilterConditionsMax; ++i) many.add_must()->set_is_null("k");
  EXPECT_EQ(MessageOf(FilterFromWire(many).status()), "filter has more than 1024 conditions");
  v1::Filter values;
  v1::Condition* condition = values.add_must();
  for (size_t i = 0; i < engine::kFilterValuesMax; ++i) condition->mutable_has_id()->mutable_packed()->add_numbers(i);
  EXPECT_TRUE(FilterFromWire(values).ok());
  condition->mutable_has_id()->add_ids()->set_number(0);
  EXPECT_EQ(MessageOf(FilterFromWire(values).status()), "filter has more than 65536 values");
}

TEST(ConvertFilter, RefusesConditionsThatTestNothing) {
  v1::Filter nothing;
  v1::Condition* condition = nothing.add_must();
  EXPECT_EQ(MessageOf(FilterFromWire(nothing).status()), "filter has a condition with no test");
  condition->mutable_field();
  EXPECT_EQ(MessageOf(FilterFromWire(nothing).status()), "field condition has no key");
  condition->mutable_field()->set_key("k");
  EXPECT_EQ(MessageOf(FilterFromWire(nothing).status()), "condition on `k` has no test");
  condition->mutable_field()->mutable_match();
  EXPECT_EQ(MessageOf(FilterFromWire(nothing).status()), "match has no value");
  condition->mutable_field()->mutable_range()->set_lt(NAN);
  EXPECT_EQ(MessageOf(FilterFromWire(nothing).status()), "range bound is not a number");
  condition->mutable_nested();
  EXPECT_EQ(MessageOf(FilterFromWire(nothing).status()), "nested condition has no key");
}

}  // namespace
}  // namespace lineal::server
