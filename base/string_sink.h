// A sink into a string.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/io.h"

namespace lineal {

class StringSink final : public ByteSink {
 public:
  absl::Status Append(std::string_view more) override {
    bytes.append(more);
    return absl::OkStatus();
  }
  uint64_t size() const override { return bytes.size(); }

  std::string bytes;
};

}  // namespace lineal
