// Feeds arbitrary bytes to the payload decoder. What it accepts must be canonical: encoding gives the same bytes back.
#include <cstdint>

#include "base/check.h"
#include "engine/payload/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto value = lineal::engine::DecodePayload(bytes);
  if (value.ok()) LINEAL_CHECK(lineal::engine::EncodePayload(*value) == bytes);
  return 0;
}
