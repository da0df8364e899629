// The canonical binary form of a payload value: a format byte, then tagged, length-prefixed values with object keys in
// byte order (docs/format/payload.md). Equal values have equal bytes.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/payload/value.h"

namespace lineal::engine {

std::string EncodePayload(const Value& value);
// DATA_LOSS for bytes that no encoder wrote.
absl::StatusOr<Value> DecodePayload(std::string_view bytes);

}  // namespace lineal::engine
