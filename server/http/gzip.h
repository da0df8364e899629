// Whole bodies in and out of gzip, with bounds on what a small body may unfold to.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace lineal::server {

struct GunzipLimits {
  uint64_t bytes_max = 32ull << 20;
  uint64_t ratio_max = 100;  // looked at beyond `ratio_free_bytes`
  uint64_t ratio_free_bytes = 1 << 20;
};

// INVALID_ARGUMENT of kind payload too large beyond a limit, of kind malformed for bytes that are no whole gzip stream.
absl::StatusOr<std::string> Gunzip(std::string_view bytes, const GunzipLimits& limits);

// At zlib's fastest level: answers are compressed on the way of a request.
std::string Gzip(std::string_view text);

}  // namespace lineal::server
