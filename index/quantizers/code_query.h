// The query that fits the kind of a segment's codes.
//
// Threads: any.
#pragma once

#include "index/quantizers/packed_query.h"
#include "index/quantizers/row_codes.h"
#include "index/quantizers/sq8_query.h"

namespace lineal::index {

// Returns then(code_query), which is called with a Sq8Query or a PackedQuery for `query`.
template <class Then>
auto ByKind(const RowCodes& codes, const Query& query, const Then& then) {
  switch (codes.kind()) {
    case CodeKind::kSq8:
      return then(Sq8Query(static_cast<const Sq8Codes&>(codes), query));
    case CodeKind::kPacked:
      return then(PackedQuery(static_cast<const PackedCodes&>(codes), query));
  }
  __builtin_unreachable();
}

}  // namespace lineal::index
