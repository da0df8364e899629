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

// What is to become of mapped bytes in physical memory. A hint: answers are the same without it.
enum class Residence {
  kAtRandom,   // read a few here and there: what lies beside them is not fetched
  kSoon,       // begin to fetch them
  kPresent,    // fetch them all, now
  kGivenBack,  // their memory may serve others: they are read again when they are touched
};

// Bytes that stay where they are while anyone holds the region: a mapped file or an owned buffer.
class MappedRegion {
 public:
  virtual ~MappedRegion() = default;
  virtual std::string_view bytes() const = 0;
  // Of `size` bytes from `offset`, inside the region. Does nothing where memory is not the system's to take.
  virtual void Advise(Residence, uint64_t /*offset*/, uint64_t /*size*/) const {}
};

// One piece of a file to be read: all three are multiples of kBlockBytes.
inline constexpr size_t kBlockBytes = 4096;
struct BlockRequest {
  uint64_t offset = 0;
  size_t bytes = 0;
  std::byte* to = nullptr;
};

// Random reads of one file, many at a time, without keeping what was read in memory. Threads: any; reads of several
// threads overlap.
class BlockReader {
 public:
  virtual ~BlockReader() = default;
  // For messages: the path.
  virtual std::string_view name() const = 0;
  // Of the file when it was opened.
  virtual uint64_t size() const = 0;
  // Returns when all of `requests` are filled. DATA_LOSS where the file ends too early, UNAVAILABLE where the device
  // fails, each with the path and the offset; then the destinations may hold anything.
  virtual absl::Status Read(std::span<const BlockRequest> requests) const = 0;
};

}  // namespace lineal
