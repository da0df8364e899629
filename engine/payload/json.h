// Payload values from and to JSON text. 64-bit integers survive; numbers are written in their shortest form.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/payload/value.h"

namespace lineal::engine {

inline constexpr int kPayloadDepthMax = 32;

// INVALID_ARGUMENT of kind malformed with the position for bad JSON, invalid UTF-8 or nesting beyond `depth_max`.
absl::StatusOr<Value> ParseJson(std::string_view text, int depth_max = kPayloadDepthMax);
void AppendJson(std::string* out, const Value& value);
void AppendJsonString(std::string* out, std::string_view text);
// Shortest form that reads back the same; NaN and infinities become null.
void AppendJsonNumber(std::string* out, double value);
void AppendJsonNumber(std::string* out, float value);
std::string ToJson(const Value& value);

}  // namespace lineal::engine
