#include "server/grpc/convert_value.h"

#include <cmath>
#include <utility>

#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::server {
namespace {

using engine::Value;

// `depth` is the number of containers around and including this one.
absl::StatusOr<Value> ConvertObject(const v1::Object& object, int depth);

absl::StatusOr<Value> ConvertArray(const v1::Array& array, int depth);

absl::StatusOr<Value> Convert(const v1::Value& value, int depth) {
  switch (value.kind_case()) {
    case v1::Value::KIND_NOT_SET:
      return Value();
    case v1::Value::kBoolValue:
      return Value(value.bool_value());
    case v1::Value::kI64Value:
      return Value(static_cast<int64_t>(value.i64_value()));
    case v1::Value::kU64Value:
      return Value::Unsigned(value.u64_value());
    case v1::Value::kF64Value:
      if (!std::isfinite(value.f64_value())) return InvalidArgument("payload number is not finite");
      return Value(value.f64_value());
    case v1::Value::kStringValue:
      return Value(value.string_value());
    case v1::Value::kArrayValue:
      return ConvertArray(value.array_value(), depth + 1);
    case v1::Value::kObjectValue:
      return ConvertObject(value.object_value(), depth + 1);
  }
  return InvalidArgument("payload value is of an unknown kind");
}

absl::Status CheckDepth(int depth) {
  if (depth <= engine::kPayloadDepthMax) return absl::OkStatus();
  return OutOfRange("payload is nested deeper than ", engine::kPayloadDepthMax, " levels");
}

absl::StatusOr<Value> ConvertArray(const v1::Array& array, int depth) {
  LINEAL_RETURN_IF_ERROR(CheckDepth(depth));
  Value::Array values;
  values.reserve(static_cast<size_t>(array.values_size()));
  for (const v1::Value& element : array.values()) {
    LINEAL_ASSIGN_OR_RETURN(values.emplace_back(), Convert(element, depth));
  }
  return Value(std::move(values));
}

absl::StatusOr<Value> ConvertObject(const v1::Object& object, int depth) {
  LINEAL_RETURN_IF_ERROR(CheckDepth(depth));
  Value::Object members;
  members.reserve(object.fields().size());
  for (const auto& [key, field] : object.fields()) {
    LINEAL_ASSIGN_OR_RETURN(Value member, Convert(field, depth));
    members.emplace_back(key, std::move(member));
  }
  return Value(std::move(members));
}

}  // namespace

absl::StatusOr<Value> ValueFromWire(const v1::Value& value) { return Convert(value, 0); }

absl::StatusOr<Value> ObjectFromWire(const v1::Object& object) { return ConvertObject(object, 1); }

absl::StatusOr<Value> PayloadFromWire(const v1::Object* object, std::string_view json) {
  if (json.empty()) return object == nullptr ? Value() : ObjectFromWire(*object);
  if (object != nullptr) return InvalidArgument("payload and payload_json are both given");
  LINEAL_ASSIGN_OR_RETURN(Value value, engine::ParseJson(json));
  if (!value.is_object() && !value.is_null()) return InvalidArgument("payload_json is not a JSON object");
  return value;
}

void ValueToWire(const Value& value, v1::Value* out) {
  if (const bool* flag = value.get_if<bool>()) {
    out->set_bool_value(*flag);
  } else if (const int64_t* number = value.get_if<int64_t>()) {
    out->set_i64_value(*number);
  } else if (const uint64_t* unsigned_number = value.get_if<uint64_t>()) {
    out->set_u64_value(*unsigned_number);
  } else if (const double* real = value.get_if<double>()) {
    out->set_f64_value(*real);
  } else if (const std::string* text = value.get_if<std::string>()) {
    out->set_string_value(*text);
  } else if (const Value::Array* array = value.get_if<Value::Array>()) {
    v1::Array* values = out->mutable_array_value();
    for (const Value& element : *array) ValueToWire(element, values->add_values());
  } else if (value.is_object()) {
    ObjectToWire(value, out->mutable_object_value());
  }
}

void ObjectToWire(const Value& value, v1::Object* out) {
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.object()) ValueToWire(member, &(*out->mutable_fields())[key]);
}

}  // namespace lineal::server
