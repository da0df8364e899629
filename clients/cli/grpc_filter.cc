#include "clients/cli/grpc_filter.h"

#include "base/ids.h"
#include "base/status.h"
#include "engine/payload/json.h"
#include "lineal/v1/filter.pb.h"

namespace lineal::cli {
namespace {

using engine::Value;

constexpr int kDepthMax = 32;

absl::Status Unknown(const Value& json) {
  return InvalidArgument("this condition cannot be asked over gRPC from here: ", engine::ToJson(json).substr(0, 200));
}

absl::Status ScalarToProto(const Value& json, v1::MatchScalar* scalar) {
  if (json.is_string()) {
    scalar->set_keyword(json.string());
  } else if (const auto* number = json.get_if<int64_t>()) {
    scalar->set_integer(*number);
  } else if (const auto* flag = json.get_if<bool>()) {
    scalar->set_boolean(*flag);
  } else {
    return InvalidArgument("match compares with text, whole numbers and booleans, not with ", engine::ToJson(json));
  }
  return absl::OkStatus();
}

absl::Status ScalarsToProto(const Value& json, v1::MatchScalars* scalars) {
  if (!json.is_array()) return Unknown(json);
  for (const Value& item : json.array()) LINEAL_RETURN_IF_ERROR(ScalarToProto(item, scalars->add_values()));
  return absl::OkStatus();
}

absl::Status MatchToProto(const Value& match, v1::FieldCondition* field) {
  if (const Value* value = match.Find("value")) return ScalarToProto(*value, field->mutable_match());
  if (const Value* any = match.Find("any")) return ScalarsToProto(*any, field->mutable_match_any());
  if (const Value* except = match.Find("except")) return ScalarsToProto(*except, field->mutable_match_except());
  if (const Value* text = match.Find("text"); text != nullptr && text->is_string()) {
    field->set_match_text(text->string());
    return absl::OkStatus();
  }
  return Unknown(match);
}

absl::Status RangeToProto(const Value& json, v1::Range* range) {
  if (!json.is_object()) return Unknown(json);
  for (const auto& [name, bound] : json.object()) {
    if (bound.is_null()) continue;
    if (!bound.is_number()) return Unknown(json);
    const auto* real = bound.get_if<double>();
    const auto* whole = bound.get_if<int64_t>();
    const double number = real    ? *real
                          : whole ? static_cast<double>(*whole)
                                  : static_cast<double>(*bound.get_if<uint64_t>());
    if (name == "lt") {
      range->set_lt(number);
    } else if (name == "lte") {
      range->set_lte(number);
    } else if (name == "gt") {
      range->set_gt(number);
    } else if (name == "gte") {
      range->set_gte(number);
    } else {
      return Unknown(json);
    }
  }
  return absl::OkStatus();
}

absl::Status IdsToProto(const Value& json, v1::HasId* ids) {
  if (!json.is_array()) return Unknown(json);
  for (const Value& item : json.array()) {
    const auto id = PointId::Parse(item.is_string() ? item.string() : engine::ToJson(item));
    if (!id) return InvalidArgument("no point id: ", engine::ToJson(item));
    if (id->is_uuid()) {
      ids->add_ids()->set_uuid(id->ToString());
    } else {
      ids->add_ids()->set_number(id->number());
    }
  }
  return absl::OkStatus();
}

// The key in `{"is_empty": {"key": ...}}`.
const std::string* KeyIn(const Value* json) {
  const Value* key = json == nullptr ? nullptr : json->Find("key");
  return key != nullptr && key->is_string() ? &key->string() : nullptr;
}

absl::Status ConditionToProto(const Value& json, v1::Condition* condition, int depth) {
  if (const std::string* key = KeyIn(&json)) {
    condition->mutable_field()->set_key(*key);
    if (const Value* match = json.Find("match")) return MatchToProto(*match, condition->mutable_field());
    if (const Value* range = json.Find("range"))
      return RangeToProto(*range, condition->mutable_field()->mutable_range());
    return Unknown(json);
  }
  if (const std::string* key = KeyIn(json.Find("is_empty"))) {
    condition->set_is_empty(*key);
    return absl::OkStatus();
  }
  if (const std::string* key = KeyIn(json.Find("is_null"))) {
    condition->set_is_null(*key);
    return absl::OkStatus();
  }
  if (const Value* ids = json.Find("has_id")) return IdsToProto(*ids, condition->mutable_has_id());
  return FilterToProto(json, condition->mutable_filter(), depth + 1);
}

}  // namespace

absl::Status FilterToProto(const Value& json, v1::Filter* filter, int depth) {
  if (depth > kDepthMax) return InvalidArgument("the filter is nested deeper than ", kDepthMax);
  if (!json.is_object()) return InvalidArgument("a filter is an object with must, should or must_not");
  for (const auto& [name, clause] : json.object()) {
    auto* conditions = name == "must"       ? filter->mutable_must()
                       : name == "should"   ? filter->mutable_should()
                       : name == "must_not" ? filter->mutable_must_not()
                                            : nullptr;
    if (conditions == nullptr) return Unknown(json);
    if (clause.is_null()) continue;
    if (clause.is_object()) {
      LINEAL_RETURN_IF_ERROR(ConditionToProto(clause, conditions->Add(), depth));
      continue;
    }
    if (!clause.is_array()) return Unknown(json);
    for (const Value& item : clause.array()) LINEAL_RETURN_IF_ERROR(ConditionToProto(item, conditions->Add(), depth));
  }
  return absl::OkStatus();
}

}  // namespace lineal::cli
