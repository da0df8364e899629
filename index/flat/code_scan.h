// Scanning rows by their codes: a quarter of the bytes or fewer, and integer sums. What a filter with few matches costs
// is reading them.
//
// Threads: any.
#pragma once

#include <span>
#include <vector>

#include "index/quantizers/row_codes.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

// The top_k nearest accepted rows of `ids`, with exact distances (unless params.rescore says otherwise). More than
// top_k are kept by the distance of codes and rescored; a row is missed only if codes misplace it by more than that.
std::vector<Neighbor> ScanListByCodes(const RowCodes& codes, const Query& query, const RowView& rows,
                                      std::span<const LocalId> ids, const SearchParams& params);
// The same of rows [begin, end).
std::vector<Neighbor> ScanRangeByCodes(const RowCodes& codes, const Query& query, const RowView& rows, LocalId begin,
                                       LocalId end, const SearchParams& params);

}  // namespace lineal::index
