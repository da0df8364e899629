// Maximal marginal relevance (Carbonell and Goldstein, 1998): each next choice weighs nearness to the query against
// nearness to what was chosen before.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <vector>

#include "index/vectors/row_format.h"

namespace lineal::engine {

struct MmrCandidate {
  float distance;  // to the query
  const std::byte* row;
};

// Indexes of `count` candidates in the order they are chosen. Candidates come nearest first.
std::vector<size_t> ChooseDiverse(const index::RowFormat& format, const std::vector<MmrCandidate>& candidates,
                                  double lambda, size_t count);

}  // namespace lineal::engine
