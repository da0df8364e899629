// Payload values between the wire and the domain.
//
// Threads: any; nothing is kept.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "engine/payload/value.h"
#include "lineal/v1/payload.pb.h"

namespace lineal::server {

// INVALID_ARGUMENT for NaN, infinities, or nesting beyond engine::kPayloadDepthMax.
absl::StatusOr<engine::Value> ValueFromWire(const v1::Value& value);
absl::StatusOr<engine::Value> ObjectFromWire(const v1::Object& object);
// A payload in either of its forms; null for none. `object` may be null.
absl::StatusOr<engine::Value> PayloadFromWire(const v1::Object* object, std::string_view json);

void ValueToWire(const engine::Value& value, v1::Value* out);
// Leaves `out` empty if `value` is no object.
void ObjectToWire(const engine::Value& value, v1::Object* out);

}  // namespace lineal::server
