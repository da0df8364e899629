// JSON text from values. Numbers have the form that the dialect's other servers write: `1.0` for a whole double, plain
// digits for moderate exponents, `1e30` beyond.
#include <charconv>
#include <cmath>

#include "base/strings.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

// Exponents (of the decimal point's place) within which a number is written without `e`.
struct PlainRange {
  int lowest;
  int highest;
};
constexpr PlainRange kPlainDouble{-5, 16};
constexpr PlainRange kPlainFloat{-6, 13};

// Shortest digits of a number: 0.d1d2d3... times 10^point.
struct Decimal {
  bool negative = false;
  char digits[24];
  int size = 0;
  int point = 0;
};

template <class T>
Decimal ShortestDecimal(T value) {
  char text[48];
  auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  Decimal decimal;
  const char* at = text;
  if (*at == '-') {
    decimal.negative = true;
    ++at;
  }
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') decimal.digits[decimal.size++] = *at;
  }
  int exponent = 0;
  ++at;
  bool exponent_negative = *at == '-';
  std::from_chars(at + 1, end, exponent);
  decimal.point = (exponent_negative ? -exponent : exponent) + 1;
  return decimal;
}

void AppendPlain(std::string* out, const Decimal& decimal) {
  if (decimal.point <= 0) {
    out->append("0.");
    out->append(static_cast<size_t>(-decimal.point), '0');
    out->append(decimal.digits, static_cast<size_t>(decimal.size));
  } else if (decimal.size <= decimal.point) {
    out->append(decimal.digits, static_cast<size_t>(decimal.size));
    out->append(static_cast<size_t>(decimal.point - decimal.size), '0');
    out->append(".0");
  } else {
    out->append(decimal.digits, static_cast<size_t>(decimal.point));
    out->push_back('.');
    out->append(decimal.digits + decimal.point, static_cast<size_t>(decimal.size - decimal.point));
  }
}

void AppendScientific(std::string* out, const Decimal& decimal) {
  out->push_back(decimal.digits[0]);
  if (decimal.size > 1) {
    out->push_back('.');
    out->append(decimal.digits + 1, static_cast<size_t>(decimal.size - 1));
  }
  out->push_back('e');
  StrAppend(out, decimal.point - 1);
}

template <class T>
void AppendReal(std::string* out, T value, PlainRange plain) {
  if (!std::isfinite(value)) {
    out->append("null");
    return;
  }
  if (value == 0) {
    out->append(std::signbit(value) ? "-0.0" : "0.0");
    return;
  }
  Decimal decimal = ShortestDecimal(value);
  if (decimal.negative) out->push_back('-');
  if (decimal.point > plain.lowest && decimal.point <= plain.highest) {
    AppendPlain(out, decimal);
  } else {
    AppendScientific(out, decimal);
  }
}

// What stands for a byte inside a string; null if the byte stands for itself.
const char* EscapeOf(unsigned char byte) {
  switch (byte) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return nullptr;
  }
}

}  // namespace

void AppendJsonNumber(std::string* out, double value) { AppendReal(out, value, kPlainDouble); }
void AppendJsonNumber(std::string* out, float value) { AppendReal(out, value, kPlainFloat); }

void AppendJsonString(std::string* out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  size_t plain_from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out->append(text, plain_from, i - plain_from);
    plain_from = i + 1;
    if (const char* escape = EscapeOf(byte)) {
      out->append(escape);
    } else {
      out->append("\\u00");
      out->push_back(kHex[byte >> 4]);
      out->push_back(kHex[byte & 15]);
    }
  }
  out->append(text, plain_from, std::string_view::npos);
  out->push_back('"');
}

void AppendJson(std::string* out, const Value& value) {
  if (value.is_null()) {
    out->append("null");
  } else if (auto* flag = value.get_if<bool>()) {
    out->append(*flag ? "true" : "false");
  } else if (auto* integer = value.get_if<int64_t>()) {
    StrAppend(out, *integer);
  } else if (auto* natural = value.get_if<uint64_t>()) {
    StrAppend(out, *natural);
  } else if (auto* real = value.get_if<double>()) {
    AppendJsonNumber(out, *real);
  } else if (auto* text = value.get_if<std::string>()) {
    AppendJsonString(out, *text);
  } else if (auto* elements = value.get_if<Value::Array>()) {
    char before = '[';
    for (const Value& element : *elements) {
      out->push_back(before);
      before = ',';
      AppendJson(out, element);
    }
    out->append(elements->empty() ? "[]" : "]");
  } else {
    char before = '{';
    for (const auto& [key, member] : value.object()) {
      out->push_back(before);
      before = ',';
      AppendJsonString(out, key);
      out->push_back(':');
      AppendJson(out, member);
    }
    out->append(value.object().empty() ? "{}" : "}");
  }
}

std::string ToJson(const Value& value) {
  std::string out;
  AppendJson(&out, value);
  return out;
}

}  // namespace lineal::engine
