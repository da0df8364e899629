// Filters over the rows of a data set that pass a wanted share of them: at random, or by where the rows lie.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <roaring/roaring.hh>
#include <string_view>
#include <vector>

#include "bench/sets/data_set.h"

namespace lineal::bench {

enum class FilterKind {
  kRandom,  // whatever the row
  kCells,   // whole cells of a Voronoi diagram, the same for every query
  kFar,     // the cells farthest from the query
};
std::string_view NameOf(FilterKind kind);

// The rows of a data set in the cells around 256 of them.
class Cells {
 public:
  explicit Cells(const DataSet& data);
  // The rows that pass for a query: `share` of all, or a little more where whole cells are taken.
  Roaring Passing(FilterKind kind, double share, const float* query);

 private:
  void Divide();

  const DataSet& data_;
  std::vector<uint32_t> pivots_;
  std::vector<Roaring> cells_;
};

}  // namespace lineal::bench
