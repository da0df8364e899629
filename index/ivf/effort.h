// How hard a search tries, from the one number that users set for every kind of index.
//
// Threads: any.
#pragma once

#include <cstddef>

#include "index/vectors/neighbor.h"

namespace lineal::index {

// Chosen so that on data of all kinds a width finds about as much here as in a graph
// (docs/adr/0007-inverted-files.md).
struct Effort {
  explicit Effort(const SearchParams& params);

  size_t lists;      // scanned at most
  size_t patience;   // lists in a row that may bring nothing better before the search ends
  float deviations;  // standard errors between an estimate by one-bit codes and what a row is passed over by
};

}  // namespace lineal::index
