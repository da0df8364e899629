#include "server/mlflow/mlflow_request.h"

#include <charconv>
#include <optional>

#include "base/status.h"
#include "engine/payload/json.h"
#include "simdjson.h"

namespace lineal::server::mlflow {
namespace {

using engine::Value;

absl::Status Invalid(std::string_view name, std::string_view wanted) {
  return InvalidArgument("Invalid value for parameter '", name, "': expected ", wanted);
}

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<uint64_t> NumberOf(const Value& value) {
  if (value.is_string()) return ParseNumber(value.string());
  if (const auto* number = value.get_if<int64_t>(); number != nullptr && *number >= 0) {
    return static_cast<uint64_t>(*number);
  }
  const auto* large = value.get_if<uint64_t>();
  return large == nullptr ? std::nullopt : std::optional(*large);
}

// A field that is repeated becomes a list.
absl::StatusOr<Value> FieldsOf(const std::vector<std::pair<std::string, std::string>>& query) {
  Value fields = Value::EmptyObject();
  for (const auto& [name, text] : query) {
    if (!simdjson::validate_utf8(name.data(), name.size()) || !simdjson::validate_utf8(text.data(), text.size())) {
      return InvalidArgument("the query string is not valid UTF-8");
    }
    const Value* before = fields.Find(name);
    if (before == nullptr) {
      fields.Set(name, Value(text));
      continue;
    }
    Value::Array list = before->is_array() ? before->array() : Value::Array{*before};
    list.push_back(Value(text));
    fields.Set(name, Value(std::move(list)));
  }
  return fields;
}

}  // namespace

absl::StatusOr<Request> Request::Parse(std::string_view body,
                                       const std::vector<std::pair<std::string, std::string>>& query) {
  if (body.empty()) {
    LINEAL_ASSIGN_OR_RETURN(Value fields, FieldsOf(query));
    return Request(std::move(fields));
  }
  LINEAL_ASSIGN_OR_RETURN(Value fields, engine::ParseJson(body));
  if (!fields.is_object()) return InvalidArgument("the body of the request is not a JSON object");
  return Request(std::move(fields));
}

const Value* Request::Find(std::string_view name) const {
  const Value* value = fields_.Find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool Request::Has(std::string_view name) const { return Find(name) != nullptr; }

absl::StatusOr<std::string> Request::Text(std::string_view name) const {
  const Value* value = Find(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return Invalid(name, "a string");
  return value->string();
}

absl::StatusOr<std::string> Request::Required(std::string_view name) const {
  LINEAL_ASSIGN_OR_RETURN(std::string text, Text(name));
  if (text.empty()) return InvalidArgument("Missing value for required parameter '", name, "'.");
  return text;
}

absl::StatusOr<std::vector<std::string>> Request::Texts(std::string_view name) const {
  std::vector<std::string> texts;
  const Value* value = Find(name);
  if (value == nullptr) return texts;
  if (value->is_string()) return std::vector{value->string()};
  if (!value->is_array()) return Invalid(name, "a list of strings");
  for (const Value& one : value->array()) {
    if (!one.is_string()) return Invalid(name, "a list of strings");
    texts.push_back(one.string());
  }
  return texts;
}

absl::StatusOr<bool> Request::Flag(std::string_view name) const {
  const Value* value = Find(name);
  if (value == nullptr) return false;
  if (const bool* flag = value->get_if<bool>()) return *flag;
  if (value->is_string() && (value->string() == "true" || value->string() == "True")) return true;
  if (value->is_string() && (value->string() == "false" || value->string() == "False")) return false;
  return Invalid(name, "true or false");
}

absl::StatusOr<uint64_t> Request::Number(std::string_view name, uint64_t otherwise) const {
  const Value* value = Find(name);
  if (value == nullptr) return otherwise;
  if (const auto number = NumberOf(*value)) return *number;
  return Invalid(name, "a whole number that is not negative");
}

absl::StatusOr<engine::ModelTags> Request::Tags() const {
  engine::ModelTags tags;
  const Value* value = Find("tags");
  if (value == nullptr) return tags;
  constexpr std::string_view kWanted = "a list of objects with `key` and `value`";
  if (!value->is_array()) return Invalid("tags", kWanted);
  for (const Value& tag : value->array()) {
    const Value* key = tag.Find("key");
    const Value* text = tag.Find("value");
    if (key == nullptr || !key->is_string()) return Invalid("tags", kWanted);
    if (text != nullptr && !text->is_null() && !text->is_string()) return Invalid("tags", kWanted);
    tags[key->string()] = text != nullptr && text->is_string() ? text->string() : std::string();
  }
  return tags;
}

absl::StatusOr<engine::ModelVersionId> Request::Version() const {
  engine::ModelVersionId id;
  LINEAL_ASSIGN_OR_RETURN(id.model, Required("name"));
  const Value* version = Find("version");
  if (version == nullptr || *version == Value("")) {
    return InvalidArgument("Missing value for required parameter 'version'.");
  }
  LINEAL_ASSIGN_OR_RETURN(id.number, Number("version", 0));
  return id;
}

}  // namespace lineal::server::mlflow
