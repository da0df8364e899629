// Feeds arbitrary bytes to the JSON reader. What it accepts must be written and read back as the same value.
#include <cstdint>

#include "base/check.h"
#include "engine/payload/codec.h"
#include "engine/payload/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto value = lineal::engine::ParseJson({reinterpret_cast<const char*>(data), size});
  if (!value.ok()) return 0;
  auto again = lineal::engine::ParseJson(lineal::engine::ToJson(*value));
  LINEAL_CHECK(again.ok());
  LINEAL_CHECK(lineal::engine::EncodePayload(*again) == lineal::engine::EncodePayload(*value));
  return 0;
}
