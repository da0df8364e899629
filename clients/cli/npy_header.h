// The head of a NumPy .npy file: what its elements are and how many.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace lineal::cli {

struct NpyHeader {
  char kind = 'f';          // 'f' float, 'i' signed, 'u' unsigned
  uint32_t item_bytes = 4;  // 1, 2, 4 or 8
  uint64_t rows = 0;
  uint32_t dim = 0;
  uint64_t data_offset = 0;
};

inline constexpr size_t kNpyHeaderBytesMax = 1 << 16;

// From the first bytes of a file (up to kNpyHeaderBytesMax of them). INVALID_ARGUMENT saying what is wanted.
absl::StatusOr<NpyHeader> ParseNpyHeader(std::string_view bytes);

// A head for float32 rows, always 128 bytes long, so that it can be written again when the rows are counted.
std::string FormatNpyHeader(uint64_t rows, uint32_t dim);

}  // namespace lineal::cli
