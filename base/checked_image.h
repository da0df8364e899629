// Images that end in a CRC-32C of all before it.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/io.h"

namespace lineal {

inline constexpr size_t kChecksumBytes = sizeof(uint32_t);

void AppendChecksum(std::string* image);
// Writes a fitting one over the last bytes; of images shorter than it nothing changes.
void MendChecksum(std::string* image);
// Whether the image has one, and it is that of the rest.
bool ChecksumHolds(std::string_view image);

// Passes an image on in pieces that a sink takes at once, and its checksum behind it.
class CheckedSink {
 public:
  explicit CheckedSink(ByteSink* sink) : sink_(sink) {}
  absl::Status Append(std::string_view bytes);
  absl::Status Finish();

 private:
  ByteSink* const sink_;
  uint32_t crc_ = 0;
};

}  // namespace lineal
