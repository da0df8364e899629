#include "engine/payload/codec.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/coding.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr char kFormat = 1;
// Deeper than any accepted document (kPayloadDepthMax) even after it was merged in at the end of the longest path.
constexpr int kDepthMax = 128;
constexpr uint64_t kNan = 0x7ff8000000000000;

enum class Tag : uint8_t { kNull, kFalse, kTrue, kInteger, kUnsigned, kDouble, kString, kArray, kObject };

void PutTag(std::string* out, Tag tag) { out->push_back(static_cast<char>(tag)); }

void Encode(std::string* out, const Value& value) {
  if (value.is_null()) {
    PutTag(out, Tag::kNull);
  } else if (auto* flag = value.get_if<bool>()) {
    PutTag(out, *flag ? Tag::kTrue : Tag::kFalse);
  } else if (auto* integer = value.get_if<int64_t>()) {
    PutTag(out, Tag::kInteger);
    PutVarint(out, ZigZag(*integer));
  } else if (auto* natural = value.get_if<uint64_t>()) {
    PutTag(out, Tag::kUnsigned);
    PutVarint(out, *natural);
  } else if (auto* real = value.get_if<double>()) {
    PutTag(out, Tag::kDouble);
    PutFixed<uint64_t>(out, std::isnan(*real) ? kNan : std::bit_cast<uint64_t>(*real + 0.0));
  } else if (auto* text = value.get_if<std::string>()) {
    PutTag(out, Tag::kString);
    PutString(out, *text);
  } else if (auto* elements = value.get_if<Value::Array>()) {
    PutTag(out, Tag::kArray);
    PutVarint(out, elements->size());
    for (const Value& element : *elements) Encode(out, element);
  } else {
    PutTag(out, Tag::kObject);
    PutVarint(out, value.object().size());
    for (const auto& [key, member] : value.object()) {
      PutString(out, key);
      Encode(out, member);
    }
  }
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : in_(bytes) {}

  // False for bytes that Encode() does not write.
  bool Decode(Value* value, int depth) {
    auto tag = static_cast<Tag>(in_.Fixed<uint8_t>());
    if (!in_.ok() || depth > kDepthMax) return false;
    switch (tag) {
      case Tag::kNull:
        *value = Value();
        return true;
      case Tag::kFalse:
        *value = Value(false);
        return true;
      case Tag::kTrue:
        *value = Value(true);
        return true;
      case Tag::kInteger:
        return DecodeInteger(value);
      case Tag::kUnsigned:
        return DecodeUnsigned(value);
      case Tag::kDouble:
        return DecodeDouble(value);
      case Tag::kString:
        return DecodeString(value);
      case Tag::kArray:
        return DecodeArray(value, depth);
      case Tag::kObject:
        return DecodeObject(value, depth);
    }
    return false;
  }
  bool AtEnd() const { return in_.ok() && in_.AtEnd(); }

 private:
  // A varint in its shortest form.
  bool Varint(uint64_t* value) {
    size_t before = in_.rest().size();
    *value = in_.Varint();
    if (!in_.ok()) return false;
    size_t shortest = (static_cast<size_t>(std::bit_width(*value | 1)) + 6) / 7;
    return before - in_.rest().size() == shortest;
  }
  bool String(std::string* text) {
    uint64_t size;
    if (!Varint(&size)) return false;
    *text = in_.Bytes(size);
    return in_.ok();
  }
  // A number of things of at least `bytes_each` bytes.
  bool Count(uint64_t* count, size_t bytes_each) { return Varint(count) && *count <= in_.rest().size() / bytes_each; }

  bool DecodeInteger(Value* value) {
    uint64_t raw;
    if (!Varint(&raw)) return false;
    *value = Value(UnZigZag(raw));
    return true;
  }
  bool DecodeUnsigned(Value* value) {
    uint64_t raw;
    if (!Varint(&raw)) return false;
    *value = Value(raw);
    return value->get_if<uint64_t>() != nullptr;
  }
  bool DecodeDouble(Value* value) {
    auto raw = in_.Fixed<uint64_t>();
    auto real = std::bit_cast<double>(raw);
    *value = Value(real);
    return in_.ok() && (std::isnan(real) ? raw == kNan : raw == std::bit_cast<uint64_t>(real + 0.0));
  }
  bool DecodeString(Value* value) {
    std::string text;
    if (!String(&text)) return false;
    *value = Value(std::move(text));
    return true;
  }
  bool DecodeArray(Value* value, int depth) {
    uint64_t count;
    if (!Count(&count, 1)) return false;
    Value::Array elements(count);
    for (Value& element : elements) {
      if (!Decode(&element, depth + 1)) return false;
    }
    *value = Value(std::move(elements));
    return true;
  }
  bool DecodeObject(Value* value, int depth) {
    uint64_t count;
    if (!Count(&count, 2)) return false;
    Value::Object members(count);
    for (size_t i = 0; i < count; ++i) {
      if (!String(&members[i].first) || !Decode(&members[i].second, depth + 1)) return false;
      if (i > 0 && members[i].first <= members[i - 1].first) return false;
    }
    *value = Value(std::move(members));
    return true;
  }

  Reader in_;
};

}  // namespace

std::string EncodePayload(const Value& value) {
  std::string out(1, kFormat);
  Encode(&out, value);
  return out;
}

absl::StatusOr<Value> DecodePayload(std::string_view bytes) {
  if (bytes.empty()) return DataLoss("payload is empty");
  if (bytes[0] != kFormat) {
    return DataLoss("payload has format ", static_cast<int>(static_cast<uint8_t>(bytes[0])), ", known is ",
                    static_cast<int>(kFormat));
  }
  Decoder decoder(bytes.substr(1));
  Value value;
  if (!decoder.Decode(&value, 1) || !decoder.AtEnd()) return DataLoss("payload of ", bytes.size(), " bytes is damaged");
  return value;
}

}  // namespace lineal::engine
