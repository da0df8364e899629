#include "server/rest/json_reader.h"

#include <cmath>

#include "engine/api/schema.h"
#include "engine/payload/json.h"

namespace lineal::server {
namespace {

// A thread keeps its parser's buffers, fourteen bytes for each of a body, between bodies up to this size: a query of
// 1,536 components.
constexpr size_t kKeptParserBytes = 32 << 10;

std::string_view KindName(JsonElement element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::INT64:
      return "an integer";
    case simdjson::dom::element_type::UINT64:
      return "an integer";
    case simdjson::dom::element_type::DOUBLE:
      return "a number";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
  }
  return "something else";
}

absl::Status ParseError(simdjson::error_code error, const std::string& text) {
  switch (error) {
    case simdjson::EMPTY:
      return MakeError(ErrorKind::kMalformed, "the body is empty");
    case simdjson::DEPTH_ERROR:
      return MakeError(ErrorKind::kMalformed, "the body is nested too deeply");
    case simdjson::UTF8_ERROR:
      return MakeError(ErrorKind::kMalformed, "the body is not valid UTF-8");
    case simdjson::MEMALLOC:
      return MakeError(ErrorKind::kOverload, "no memory to read the body");
    default:
      break;
  }
  return MakeError(ErrorKind::kMalformed,
                   StrCat("not valid JSON in ", text.size(), " bytes: ", simdjson::error_message(error)));
}

// Converts payload values under a budget of text bytes.
class ValueReader {
 public:
  absl::StatusOr<engine::Value> Read(JsonElement element, const JsonPlace& place, int depth) {
    switch (element.type()) {
      case simdjson::dom::element_type::OBJECT:
        return ReadMembers(element, place, depth);
      case simdjson::dom::element_type::ARRAY:
        return ReadElements(element, place, depth);
      case simdjson::dom::element_type::STRING: {
        std::string_view text = element.get_string().value_unsafe();
        LINEAL_RETURN_IF_ERROR(Spend(text.size(), place));
        return engine::Value(std::string(text));
      }
      case simdjson::dom::element_type::INT64:
        return engine::Value(element.get_int64().value_unsafe());
      case simdjson::dom::element_type::UINT64:
        return engine::Value::Unsigned(element.get_uint64().value_unsafe());
      case simdjson::dom::element_type::DOUBLE:
        return engine::Value(element.get_double().value_unsafe());
      case simdjson::dom::element_type::BOOL:
        return engine::Value(element.get_bool().value_unsafe());
      case simdjson::dom::element_type::NULL_VALUE:
        return engine::Value();
    }
    return engine::Value();
  }

 private:
  absl::Status Enter(const JsonPlace& place, int depth) {
    if (depth <= engine::kPayloadDepthMax) return absl::OkStatus();
    return MalformedAt(place, StrCat("nested deeper than the limit of ", engine::kPayloadDepthMax, " levels"));
  }
  absl::Status Spend(size_t bytes, const JsonPlace& place) {
    spent_ += bytes + 4;
    if (spent_ <= engine::kPayloadBytesMax) return absl::OkStatus();
    return MakeError(ErrorKind::kPayloadTooLarge, StrCat(place.ToString(), ": payload is larger than the limit of ",
                                                         engine::kPayloadBytesMax, " bytes"));
  }
  absl::StatusOr<engine::Value> ReadMembers(JsonElement element, const JsonPlace& place, int depth) {
    LINEAL_RETURN_IF_ERROR(Enter(place, depth));
    engine::Value::Object members;
    const JsonObject object = element.get_object().value_unsafe();
    for (auto [key, value] : object) {
      LINEAL_RETURN_IF_ERROR(Spend(key.size(), place));
      LINEAL_ASSIGN_OR_RETURN(engine::Value member, Read(value, JsonPlace(place, key), depth + 1));
      members.emplace_back(std::string(key), std::move(member));
    }
    return engine::Value(std::move(members));
  }
  absl::StatusOr<engine::Value> ReadElements(JsonElement element, const JsonPlace& place, int depth) {
    LINEAL_RETURN_IF_ERROR(Enter(place, depth));
    engine::Value::Array elements;
    size_t index = 0;
    const JsonArray array = element.get_array().value_unsafe();
    for (JsonElement item : array) {
      LINEAL_RETURN_IF_ERROR(Spend(0, place));
      LINEAL_ASSIGN_OR_RETURN(engine::Value value, Read(item, JsonPlace(place, index++), depth + 1));
      elements.push_back(std::move(value));
    }
    return engine::Value(std::move(elements));
  }

  size_t spent_ = 0;
};

}  // namespace

std::string JsonPlace::ToString() const {
  if (!parent_) return "";
  std::string out = parent_->ToString();
  if (name_.empty()) return StrCat(out, "[", index_, "]");
  return out.empty() ? std::string(name_) : StrCat(out, ".", name_);
}

JsonBody::JsonBody(std::string text) : text_(std::move(text)), root_(absl::UnknownError("")) {
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser* parser = &kept;
  if (text_.size() > kKeptParserBytes) {
    own_parser_ = std::make_unique<simdjson::dom::parser>();
    parser = own_parser_.get();
  }
  text_.reserve(text_.size() + simdjson::SIMDJSON_PADDING);
  JsonElement root;
  auto error = parser->parse(text_.data(), text_.size(), false).get(root);
  if (error) {
    root_ = ParseError(error, text_);
  } else {
    root_ = root;
  }
}

absl::Status MalformedAt(const JsonPlace& place, std::string_view problem) {
  std::string where = place.ToString();
  return MakeError(ErrorKind::kMalformed, where.empty() ? std::string(problem) : StrCat(where, ": ", problem));
}

absl::Status OutOfRangeAt(const JsonPlace& place, std::string_view problem) {
  std::string where = place.ToString();
  return MakeError(ErrorKind::kOutOfRange, where.empty() ? std::string(problem) : StrCat(where, ": ", problem));
}

absl::Status UnsupportedAt(const JsonPlace& place, std::string_view what) {
  std::string where = place.ToString();
  return InvalidArgument(where, where.empty() ? "" : ": ", what, " not supported yet");
}

absl::Status WrongType(const JsonPlace& place, std::string_view wanted, JsonElement found) {
  return MalformedAt(place, StrCat("expected ", wanted, ", found ", KindName(found)));
}

absl::StatusOr<JsonObject> ReadObject(JsonElement element, const JsonPlace& place) {
  JsonObject object;
  if (element.get(object)) return WrongType(place, "an object", element);
  return object;
}

absl::StatusOr<JsonArray> ReadArray(JsonElement element, const JsonPlace& place) {
  JsonArray array;
  if (element.get(array)) return WrongType(place, "an array", element);
  return array;
}

absl::StatusOr<std::string> ReadString(JsonElement element, const JsonPlace& place) {
  std::string_view text;
  if (element.get(text)) return WrongType(place, "a string", element);
  return std::string(text);
}

absl::StatusOr<bool> ReadBool(JsonElement element, const JsonPlace& place) {
  bool value;
  if (element.get(value)) return WrongType(place, "a boolean", element);
  return value;
}

absl::StatusOr<uint64_t> ReadUint(JsonElement element, const JsonPlace& place) {
  uint64_t value;
  if (!element.get(value)) return value;
  int64_t negative;
  if (!element.get(negative)) {
    return MalformedAt(place, StrCat("invalid value: integer ", negative, ", expected an unsigned integer"));
  }
  return WrongType(place, "an unsigned integer", element);
}

absl::StatusOr<double> ReadDouble(JsonElement element, const JsonPlace& place) {
  double value;
  if (element.get(value)) return WrongType(place, "a number", element);
  return value;
}

absl::StatusOr<double> ReadRecallTarget(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(double target, ReadDouble(element, place));
  LINEAL_RETURN_IF_ERROR(engine::ValidateRecallTarget(place.ToString(), target));
  return target;
}

absl::StatusOr<PointId> ReadPointId(JsonElement element, const JsonPlace& place) {
  constexpr std::string_view kWanted = " is not a valid point ID: want an unsigned 64-bit integer or a UUID";
  uint64_t number;
  if (!element.get(number)) return PointId::Number(number);
  int64_t negative;
  if (!element.get(negative)) return MalformedAt(place, StrCat("value ", negative, kWanted));
  std::string_view text;
  if (element.get(text)) return WrongType(place, "a point ID (an unsigned 64-bit integer or a UUID)", element);
  auto id = PointId::ParseUuid(text);
  if (!id) return MalformedAt(place, StrCat("value ", text.substr(0, 64), kWanted));
  return *id;
}

absl::StatusOr<std::vector<std::string>> ReadStrings(JsonElement element, const JsonPlace& place) {
  std::vector<std::string> out;
  LINEAL_RETURN_IF_ERROR(ForEach(element, place, [&](JsonElement item, const JsonPlace& at) -> absl::Status {
    LINEAL_ASSIGN_OR_RETURN(std::string text, ReadString(item, at));
    out.push_back(std::move(text));
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::vector<float>> ReadFloats(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonArray array, ReadArray(element, place));
  std::vector<float> out;
  out.reserve(array.size());
  for (JsonElement item : array) {
    double value;
    if (item.get(value)) return WrongType(JsonPlace(place, out.size()), "a number", item);
    const float narrow = static_cast<float>(value);
    if (!std::isfinite(narrow)) {
      return OutOfRangeAt(JsonPlace(place, out.size()), StrCat("value ", value, " does not fit a 32-bit float"));
    }
    out.push_back(narrow);
  }
  return out;
}

absl::StatusOr<engine::Value> ReadValue(JsonElement element, const JsonPlace& place) {
  return ValueReader().Read(element, place, 1);
}

absl::StatusOr<engine::Value> ReadObjectValue(JsonElement element, const JsonPlace& place) {
  LINEAL_RETURN_IF_ERROR(ReadObject(element, place).status());
  return ReadValue(element, place);
}

std::optional<JsonElement> Find(const JsonObject& object, std::string_view name) {
  JsonElement element;
  if (object.at_key(name).get(element) || element.is_null()) return std::nullopt;
  return element;
}

absl::StatusOr<JsonElement> Require(const JsonObject& object, std::string_view name, const JsonPlace& place) {
  auto element = Find(object, name);
  if (!element) return MalformedAt(place, StrCat("missing field `", name, "`"));
  return *element;
}

}  // namespace lineal::server
