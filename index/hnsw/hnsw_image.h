// The header of a saved graph; docs/format/hnsw_image.md has every byte.
#pragma once

#include <cstddef>
#include <cstdint>

#include "index/hnsw/graph_view.h"

namespace lineal::index {

inline constexpr uint64_t kHnswImageMagic = 0x31'57'53'4e'48'4c'4e'4c;  // "LNLHNSW1"
inline constexpr uint32_t kHnswImageVersion = 1;
inline constexpr uint32_t kHnswMMax = 512;

// Fixed little-endian fields, 128 bytes in a file; `header_crc` is over the header with that field zero.
struct HnswImageHeader {
  uint64_t magic = kHnswImageMagic;
  uint32_t version = kHnswImageVersion;
  uint32_t header_crc = 0;
  uint8_t element_type = 0;
  uint8_t distance = 0;
  uint16_t reserved = 0;
  uint32_t dim = 0;
  uint32_t m = 0;
  uint32_t ef_construct = 0;
  uint64_t seed = 0;
  uint64_t watermark = 0;
  uint64_t rows = 0;
  uint64_t nodes = 0;
  uint32_t entry_link = 0;
  uint32_t entry_level = 0;
  uint32_t upper_slots = 0;
  uint32_t body_crc = 0;
  uint64_t body_bytes = 0;
  uint8_t padding[40] = {};
};
static_assert(sizeof(HnswImageHeader) == 128);

// Where the parts of a body lie, from its start.
struct HnswImageLayout {
  HnswImageLayout(uint32_t m, uint64_t rows, uint64_t upper_slots)
      : upper(rows * GraphView::BottomStride(m) * sizeof(uint32_t)),
        slots(upper + upper_slots * m * sizeof(uint32_t)),
        states(slots + rows * sizeof(uint32_t)),
        end(states + rows) {}
  uint64_t upper, slots, states, end;
};

}  // namespace lineal::index
