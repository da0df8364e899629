// Which lists a search scans, and in which order.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/vectors/neighbor.h"

namespace lineal::index {

// The places of the `wanted` least of `ranks` (at least one of each), the least first. Order and choice are by about a
// thousandth of the range: one pass of counting instead of a sort, whose branches nobody can predict.
std::vector<uint32_t> ChooseLists(std::span<const float> ranks, size_t wanted);

// How much of a list the search may find, of `ids`, by asking a few. Where the rows that pass lie apart from the query,
// the lists before them must not use up what the search is ready to spend.
double ShareOf(std::span<const LocalId> ids, const SearchParams& params);

}  // namespace lineal::index
