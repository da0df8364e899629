#include <memory>

#include "base/status.h"
#include "engine/payload/json.h"
#include "simdjson.h"

namespace lineal::engine {
namespace {

namespace ondemand = simdjson::ondemand;

// A thread keeps its parser's buffers between calls up to this document size.
constexpr size_t kKeptParserBytes = 1 << 20;

// Walks a document once and builds the value. Everything is visited, so everything is validated.
class JsonReader {
 public:
  explicit JsonReader(int depth_max) : depth_max_(depth_max) {}

  // Any of a document's values: the document itself for a lone scalar, else a value in it.
  template <class Node>
  simdjson::error_code Read(Node& node, Value* value, int depth) {
    ondemand::json_type type;
    if (auto error = node.type().get(type)) return error;
    switch (type) {
      case ondemand::json_type::object:
        return ReadObject(node, value, depth);
      case ondemand::json_type::array:
        return ReadArray(node, value, depth);
      case ondemand::json_type::number:
        return ReadNumber(node, value);
      case ondemand::json_type::string:
        return ReadString(node, value);
      case ondemand::json_type::boolean:
        return ReadBool(node, value);
      case ondemand::json_type::null:
        return ReadNull(node, value);
    }
    return simdjson::TAPE_ERROR;
  }

 private:
  template <class Node>
  simdjson::error_code ReadObject(Node& node, Value* value, int depth) {
    if (depth > depth_max_) return simdjson::DEPTH_ERROR;
    ondemand::object object;
    if (auto error = node.get_object().get(object)) return error;
    Value::Object members;
    for (auto entry : object) {
      ondemand::field field;
      if (auto error = std::move(entry).get(field)) return error;
      std::string_view key;
      if (auto error = field.unescaped_key().get(key)) return error;
      members.emplace_back(key, Value());
      if (auto error = Read(field.value(), &members.back().second, depth + 1)) return error;
    }
    *value = Value(std::move(members));
    return simdjson::SUCCESS;
  }
  template <class Node>
  simdjson::error_code ReadArray(Node& node, Value* value, int depth) {
    if (depth > depth_max_) return simdjson::DEPTH_ERROR;
    ondemand::array array;
    if (auto error = node.get_array().get(array)) return error;
    Value::Array elements;
    for (auto entry : array) {
      ondemand::value element;
      if (auto error = std::move(entry).get(element)) return error;
      elements.emplace_back();
      if (auto error = Read(element, &elements.back(), depth + 1)) return error;
    }
    *value = Value(std::move(elements));
    return simdjson::SUCCESS;
  }
  template <class Node>
  simdjson::error_code ReadNumber(Node& node, Value* value) {
    ondemand::number number;
    if (node.get_number().get(number) != simdjson::SUCCESS) {
      // Digits beyond 64 bits, or no number at all: the double reader tells.
      double real;
      if (auto error = node.get_double().get(real)) return error;
      *value = Value(real);
      return simdjson::SUCCESS;
    }
    switch (number.get_number_type()) {
      case ondemand::number_type::signed_integer:
        *value = Value(number.get_int64());
        break;
      case ondemand::number_type::unsigned_integer:
        *value = Value(number.get_uint64());
        break;
      case ondemand::number_type::floating_point_number:
        *value = Value(number.get_double());
        break;
    }
    return simdjson::SUCCESS;
  }
  template <class Node>
  simdjson::error_code ReadString(Node& node, Value* value) {
    std::string_view text;
    if (auto error = node.get_string().get(text)) return error;
    *value = Value(std::string(text));
    return simdjson::SUCCESS;
  }
  template <class Node>
  simdjson::error_code ReadBool(Node& node, Value* value) {
    bool flag;
    if (auto error = node.get_bool().get(flag)) return error;
    *value = Value(flag);
    return simdjson::SUCCESS;
  }
  template <class Node>
  simdjson::error_code ReadNull(Node& node, Value* value) {
    bool is_null = false;
    if (auto error = simdjson::simdjson_result<bool>(node.is_null()).get(is_null)) return error;
    *value = Value();
    return is_null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
  }

  const int depth_max_;
};

absl::Status Malformed(simdjson::error_code error, size_t position, int depth_max) {
  if (error == simdjson::DEPTH_ERROR) {
    return MakeError(ErrorKind::kMalformed,
                     StrCat("JSON is nested too deeply at byte ", position, ", the limit is ", depth_max));
  }
  return MakeError(ErrorKind::kMalformed,
                   StrCat("invalid JSON at byte ", position, ": ", simdjson::error_message(error)));
}

absl::StatusOr<Value> Parse(ondemand::parser* parser, std::string_view text, int depth_max) {
  simdjson::padded_string padded(text);
  ondemand::document document;
  if (auto error = parser->iterate(padded).get(document)) return Malformed(error, 0, depth_max);
  Value value;
  simdjson::error_code error = JsonReader(depth_max).Read(document, &value, 1);
  const char* at = nullptr;
  bool known = document.current_location().get(at) == simdjson::SUCCESS;
  // A position after the whole value is one of something else that follows.
  if (error == simdjson::SUCCESS && known) error = simdjson::TRAILING_CONTENT;
  if (error == simdjson::SUCCESS) return value;
  return Malformed(error, known ? static_cast<size_t>(at - padded.data()) : text.size(), depth_max);
}

}  // namespace

absl::StatusOr<Value> ParseJson(std::string_view text, int depth_max) {
  thread_local ondemand::parser kept;
  if (text.size() <= kKeptParserBytes) return Parse(&kept, text, depth_max);
  ondemand::parser parser;
  return Parse(&parser, text, depth_max);
}

}  // namespace lineal::engine
