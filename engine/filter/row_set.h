// A set of rows of one segment: a compressed bitmap (CRoaring).
#pragma once

#include <cstdint>
#include <vector>

#include <roaring/roaring.hh>

namespace lineal::engine {

using RowSet = Roaring;

// Gathers rows below a limit, in any order, repeats allowed: in a fraction of the time that adding them to a set takes
// where they are many.
class RowGatherer {
 public:
  explicit RowGatherer(uint32_t limit) : words_((size_t{limit} + 63) / 64) {}
  void Add(uint32_t row) { words_[row / 64] |= uint64_t{1} << row % 64; }
  void AddIf(bool wanted, uint32_t row) { words_[row / 64] |= uint64_t{wanted} << row % 64; }
  RowSet Take() const;

 private:
  std::vector<uint64_t> words_;
};

}  // namespace lineal::engine
