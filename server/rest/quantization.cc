#include "server/rest/quantization.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace lineal::server {
namespace {

using engine::Value;

struct Choice {
  std::string_view name;
  uint32_t bits;
};
constexpr Choice kScalar[] = {{"int8", 8}};
constexpr Choice kBinary[] = {{"one_bit", 1}, {"one_and_half_bits", 2}, {"two_bits", 2}};
constexpr Choice kProduct[] = {{"x4", 8}, {"x8", 4}, {"x16", 2}, {"x32", 1}, {"x64", 1}};

struct Kind {
  std::string_view name, member;
  std::span<const Choice> choices;
  std::string_view otherwise;  // where the member is not given; empty: it must be
};
constexpr Kind kKinds[] = {{"scalar", "type", kScalar, ""},
                           {"binary", "encoding", kBinary, "one_bit"},
                           {"product", "compression", kProduct, ""}};

absl::StatusOr<uint32_t> BitsOf(const Kind& kind, const Value& settings, const JsonPlace& place) {
  if (!settings.is_object()) return MalformedAt(place, "expected an object");
  const Value* member = settings.Find(kind.member);
  const bool given = member != nullptr && !member->is_null();
  if (!given && kind.otherwise.empty()) return MalformedAt(place, StrCat("missing field `", kind.member, "`"));
  const JsonPlace at(place, kind.member);
  if (given && !member->is_string()) return MalformedAt(at, "expected a string");
  const std::string name = given ? member->string() : std::string(kind.otherwise);
  std::string known;
  for (const Choice& choice : kind.choices) {
    if (choice.name == name) return choice.bits;
    StrAppend(&known, known.empty() ? "`" : ", `", choice.name, "`");
  }
  return MalformedAt(at, StrCat("unknown variant `", name.substr(0, 64), "`, expected one of ", known));
}

absl::StatusOr<uint32_t> BitsOfRabitq(const Value& settings, const JsonPlace& place) {
  const Value* bits = settings.is_object() ? settings.Find("bits") : nullptr;
  const auto* number = bits == nullptr ? nullptr : bits->get_if<int64_t>();
  if (number == nullptr) return MalformedAt(place, "missing field `bits`, a whole number");
  if (*number == 1 || *number == 2 || *number == 4 || *number == 8) return static_cast<uint32_t>(*number);
  return OutOfRangeAt(JsonPlace(place, "bits"), StrCat("value ", *number, " invalid, must be 1, 2, 4 or 8"));
}

absl::StatusOr<uint32_t> BitsOf(const Value& config, const JsonPlace& place) {
  if (config.is_string()) {
    if (config.string() == "Disabled") return 0;
    return MalformedAt(place, "unknown variant, expected `Disabled` or an object");
  }
  if (!config.is_object()) return MalformedAt(place, "expected `Disabled` or an object");
  uint32_t bits = 8;
  for (const auto& [name, settings] : config.object()) {
    if (settings.is_null()) continue;
    const JsonPlace at(place, name);
    if (name == "rabitq") {
      LINEAL_ASSIGN_OR_RETURN(bits, BitsOfRabitq(settings, at));
      continue;
    }
    const Kind* kind = nullptr;
    for (const Kind& known : kKinds) {
      if (known.name == name) kind = &known;
    }
    if (kind == nullptr) return UnsupportedAt(at, "this kind of quantization is");
    LINEAL_ASSIGN_OR_RETURN(bits, BitsOf(*kind, settings, at));
  }
  return bits;
}

}  // namespace

absl::StatusOr<uint32_t> ReadQuantization(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(Value config, ReadValue(element, place));
  return BitsOf(config, place);
}

Value QuantizationOf(uint32_t bits, const Value* kept) {
  if (bits == 0) return Value();
  if (kept != nullptr && kept->is_object()) {
    const auto stands_for = BitsOf(*kept, JsonPlace());
    if (stands_for.ok() && *stands_for == bits) return *kept;
  } else if (bits == 8) {
    return Value();
  }
  Value settings = Value::EmptyObject(), out = Value::EmptyObject();
  if (bits == 8) {
    settings.Set("type", Value(std::string("int8")));
    out.Set("scalar", std::move(settings));
    return out;
  }
  settings.Set("bits", Value::Unsigned(bits));
  out.Set("rabitq", std::move(settings));
  return out;
}

}  // namespace lineal::server
