// How hard a search tries, from the one number that users set for every kind of index.
//
// Threads: any.
#pragma once

#include <cstddef>

namespace lineal::index {

// Chosen so that on data of all kinds a width finds about as much here as in a graph
// (docs/adr/0007-inverted-files.md).
struct Effort {
  explicit Effort(size_t ef_search);

  // In lists whose rows all pass the filter: scanned at most, and in a row without finding anything better.
  double lists, patience;
  float deviations;  // standard errors between an estimate by one-bit codes and what a row is passed over by
};

}  // namespace lineal::index
