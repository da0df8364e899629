// Exact search of many queries at once: every row is read once for a block of queries.
//
// Threads: any.
#pragma once

#include <span>
#include <vector>

#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

// Whether rows of this format can be searched so: floats of any size under L2, dot and cosine.
bool CanScanForAll(const RowFormat& format);

// For each of `queries` (all of one format that CanScanForAll) the top_k nearest of rows [begin, end), nearest first:
// what ScanRange finds, up to the rounding of the kernels. `params[i]` is for queries[i]; when any deadline has passed,
// all stop. A block of products takes a few hundred KB.
std::vector<std::vector<Neighbor>> ScanRangeForAll(std::span<const Query* const> queries, const RowView& rows,
                                                   LocalId begin, LocalId end, std::span<const SearchParams> params);

}  // namespace lineal::index
