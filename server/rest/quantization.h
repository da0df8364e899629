// `quantization_config` of a collection or a vector, and the bits a component of the codes it stands for:
//
//   scalar int8: 8; product x4, x8, x16, and x32 or x64: 8, 4, 2, 1; binary one_bit, and one_and_half_bits or two_bits:
//   1, 2; rabitq (ours): its `bits`; "Disabled": 0; an object with nothing in it: 8.
//
// Threads: any.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/payload/value.h"
#include "server/rest/json_reader.h"

namespace lineal::server {

// 400 where it is malformed, or names a kind that is not served.
absl::StatusOr<uint32_t> ReadQuantization(JsonElement element, const JsonPlace& place);

// What the info says of codes of so many bits: `kept`, which the client gave, if that still stands for as many; else
// one that does. Null for none, and for eight bits that nobody asked for.
engine::Value QuantizationOf(uint32_t bits, const engine::Value* kept);

}  // namespace lineal::server
