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

  // Where only a share of the rows is searched, and those of them that pass are all that is counted: among fewer rows
  // fewer are to be looked at, if not as many fewer (docs/adr/0012-filters-are-remembered.md), but several for each of
  // the `kept` best that are wanted.
  void GoAmong(double share, size_t kept);

  // In lists whose rows all pass the filter: scanned at most, and in a row without finding anything better.
  double lists, patience;
  float deviations;  // standard errors between an estimate by one-bit codes and what a row is passed over by
};

// Which rows are read from a file after a scan by one-bit codes has said how near they may be.
struct ReadEffort {
  // `answers` are wanted of a search of that width.
  ReadEffort(size_t ef_search, size_t answers);

  size_t rows_max;  // altogether
  // Of an estimate's error, by which it may be beyond what is near enough: in the first round of reading, and in the
  // second, which knows better and for which the search waits again.
  float share_first, share_second;
};

}  // namespace lineal::index
