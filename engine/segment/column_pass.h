// Going through many rows of a column in order. Of a cold column a piece at a time is in memory: the next one is being
// fetched while one is looked at, and is given back behind it.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/ids.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"

namespace lineal::engine {

class VectorColumn;

// Calls `visit` with [begin, end) after [begin, end) until all rows below `rows` have been visited or it returns false.
// A column that is not cold is one piece.
void ForEachPiece(const VectorColumn& column, uint32_t rows, const std::function<bool(LocalId, LocalId)>& visit);

// The same for whoever goes through several columns by turns, each in order.
class ColumnPasses {
 public:
  ~ColumnPasses();
  // Row `id` of `column` is about to be read. The columns outlive this.
  void Come(const VectorColumn& column, LocalId id);

 private:
  struct Pass {
    uint32_t begin = 0, asked = 0;  // in memory, or on its way
  };
  std::map<const VectorColumn*, Pass> passes_;
};

// The top_k nearest of the rows below `rows`, and of the rows `ids`, which ascend: exact.
std::vector<index::Neighbor> ScanColumn(const VectorColumn& column, const index::Query& query, uint32_t rows,
                                        const index::SearchParams& params);
std::vector<index::Neighbor> ScanColumn(const VectorColumn& column, const index::Query& query,
                                        std::span<const LocalId> ids, const index::SearchParams& params);

// Adds `more` to what was found so far: the top_k of both.
void MergeNearest(const std::vector<index::Neighbor>& more, size_t top_k, std::vector<index::Neighbor>* found);

}  // namespace lineal::engine
