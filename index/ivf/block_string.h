// A file of blocks that is a string, for tests: it can be damaged, and fail.
//
// Threads: any, while it is not changed.
#pragma once

#include <atomic>
#include <cstring>
#include <string>

#include "base/io.h"
#include "base/status.h"

namespace lineal::index {

class BlockString final : public BlockReader {
 public:
  explicit BlockString(std::string bytes) : bytes_(std::move(bytes)) {}

  std::string_view name() const override { return "string"; }
  uint64_t size() const override { return bytes_.size(); }
  absl::Status Read(std::span<const BlockRequest> requests) const override {
    for (const BlockRequest& request : requests) {
      if (request.offset + request.bytes > fails_from) return Unavailable("read string at ", request.offset);
      std::memcpy(request.to, bytes_.data() + request.offset, request.bytes);
    }
    requests_made += requests.size();
    return absl::OkStatus();
  }
  std::string& bytes() { return bytes_; }

  uint64_t fails_from = ~uint64_t{0};
  mutable std::atomic<uint64_t> requests_made{0};

 private:
  std::string bytes_;
};

}  // namespace lineal::index
