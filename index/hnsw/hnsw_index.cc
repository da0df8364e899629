#include "index/hnsw/hnsw_index.h"

#include <algorithm>

#include "base/check.h"
#include "index/hnsw/growing_hnsw_index.h"
#include "index/hnsw/hnsw_image.h"

namespace lineal::index {

HnswParams HnswIndex::Sound(HnswParams params) {
  params.m = std::clamp(params.m, 2u, kHnswMMax);
  params.ef_construct = std::max(params.ef_construct, 1u);
  return params;
}

std::unique_ptr<HnswIndex> HnswIndex::Create(const RowFormat& format, const HnswParams& params, RowView rows,
                                             uint32_t capacity) {
  LINEAL_CHECK(capacity < 1u << 31);
  return std::make_unique<GrowingHnswIndex>(format, Sound(params), rows, capacity);
}

}  // namespace lineal::index
