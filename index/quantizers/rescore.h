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

// What a search that judged by codes answers: the same, or the top_k nearest of `found` as they are if it is not to
// rescore.
template <class CodeQuery>
std::vector<Neighbor> AnswersOf(const CodeQuery& code_query, const Query& query, const RowView& rows,
                                std::vector<Neighbor> found, const SearchParams& params) {
  if (params.rescore) return Rescore(code_query, query, rows, found, params.top_k, params.work);
  if (found.size() > params.top_k) found.resize(params.top_k);
  return found;
}

}  // namespace lineal::index
