// Exact search by scanning rows.
//
// Threads: any.
#pragma once

#include <span>
#include <vector>

#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

// The top_k nearest of rows [begin, end), nearest first.
std::vector<Neighbor> ScanRange(const Query& query, const RowView& rows, LocalId begin, LocalId end,
                                const SearchParams& params);
// The top_k nearest of the listed rows, nearest first.
std::vector<Neighbor> ScanList(const Query& query, const RowView& rows, std::span<const LocalId> ids,
                               const SearchParams& params);

}  // namespace lineal::index
