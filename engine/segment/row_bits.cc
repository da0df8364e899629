#include "engine/segment/row_bits.h"

#include <bit>
#include <vector>

namespace lineal::engine {

RowSet RowBits::ToSet(uint32_t rows) const {
  RowSet set;
  if (count() == 0) return set;
  std::vector<uint32_t> found;
  const uint32_t words = (rows + 63) / 64;
  for (uint32_t word = 0; word < words; ++word) {
    uint64_t bits = words_[word].load(std::memory_order_acquire);
    for (; bits != 0; bits &= bits - 1) {
      const uint32_t row = word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      if (row < rows) found.push_back(row);
    }
  }
  set.addMany(found.size(), found.data());
  return set;
}

}  // namespace lineal::engine
