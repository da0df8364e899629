// How bytes leave and enter a module that does not own files. The index decides what bytes; where, when and with which
// fsync is decided above it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace lineal {

// Takes bytes in order. Threads: one at a time.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual absl::Status Append(std::string_view bytes) = 0;
  // Bytes appended so far.
  virtual uint64_t size() const = 0;
};

// Bytes that stay where they are while anyone holds the region: a mapped file or an owned buffer.
class MappedRegion {
 public:
  virtual ~MappedRegion() = default;
  virtual std::string_view bytes() const = 0;
};

}  // namespace lineal
