#include "index/ivf/ivf_index.h"

#include <algorithm>

#include "index/ivf/passing_places.h"

namespace lineal::index {

IvfIndex::IvfIndex(const RowFormat& format, uint64_t seed, const RowView& rows)
    : format_(format),
      seed_(seed),
      rows_(rows),
      block_bytes_(RabitqBlockBytes(format.dim)),
      rotation_(format.dim, seed) {}

void IvfIndex::AttachCodes(std::shared_ptr<const RowCodes> codes) {
  codes_ = std::move(codes);
  centroid_codes_ = codes_ == nullptr ? nullptr : EncodeAlike(*codes_, centroids_.data(), lists());
}

PassingPlaces IvfIndex::PlacesOf(const std::function<bool(LocalId)>& may_pass) const {
  return PassingPlaces(ids_, begins_, may_pass);
}

double IvfIndex::ListWeight() const {
  return std::min(1.0, static_cast<double>(size()) / lists() / IvfParams::kRowsPerList);
}

uint64_t IvfIndex::memory_bytes() const {
  return blocks_.bytes() + (centroid_codes_ == nullptr ? 0 : centroid_codes_->memory_bytes()) +
         ids_.size() * sizeof(LocalId) + (centroids_.size() + squares_.size()) * sizeof(float) +
         (groups_ == nullptr ? 0 : groups_->memory_bytes()) + begins_.size() * sizeof(uint32_t) +
         first_blocks_.size() * sizeof(uint64_t);
}

}  // namespace lineal::index
