#include "index/ivf/passing_places.h"

namespace lineal::index {

PassingPlaces::PassingPlaces(std::span<const LocalId> ids, std::span<const uint32_t> begins,
                             const std::function<bool(LocalId)>& may_pass)
    : bits_(ids.size() / 64 + 2), counts_(begins.size() - 1) {
  for (uint32_t list = 0; list + 1 < begins.size(); ++list) {
    for (uint32_t place = begins[list]; place < begins[list + 1]; ++place) {
      const bool passes = may_pass(ids[place]);
      bits_[place / 64] |= uint64_t{passes} << place % 64;
      counts_[list] += passes;
    }
  }
}

}  // namespace lineal::index
