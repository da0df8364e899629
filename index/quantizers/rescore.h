// From distances of codes to exact ones.
//
// Threads: any.
#pragma once

#include <vector>

#include "index/quantizers/packed_query.h"
#include "index/quantizers/sq8_query.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

// The top_k nearest of `found`, which are sorted by the distance of codes, with the exact distances of their rows. Rows
// are read only as long as one may still be near enough (LowerBound of Sq8Query and PackedQuery). `work`, if not null,
// is told how many.
template <class CodeQuery>
std::vector<Neighbor> Rescore(const CodeQuery& code_query, const Query& query, const RowView& rows,
                              const std::vector<Neighbor>& found, size_t top_k, SearchWork* work = nullptr);

}  // namespace lineal::index
