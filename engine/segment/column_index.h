// What a column's rows are searched by, at one moment: a graph or lists over the rows below `indexed`, and codes of the
// rows below codes->rows(). A growing column publishes another one when more of its rows are indexed.
//
// Threads: immutable; any. The graph of a growing column takes rows meanwhile, as HnswIndex allows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/segment/tenant_lists.h"
#include "index/hnsw/hnsw_index.h"
#include "index/ivf/ivf_index.h"
#include "index/quantizers/row_codes.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"
#include "index/vectors/row_format.h"
#include "index/vectors/row_view.h"

namespace lineal::engine {

struct ColumnIndex {
  std::shared_ptr<const index::HnswIndex> graph;
  std::shared_ptr<const index::IvfIndex> lists;
  std::shared_ptr<const index::RowCodes> codes;
  std::shared_ptr<const TenantLists> tenants;  // of a sealed column with lists; null: not made
  uint32_t indexed = 0;
  uint32_t trained = 0;  // lists: rows when their centroids were found

  bool has_index() const { return graph != nullptr || lists != nullptr; }
  uint32_t coded() const { return codes == nullptr ? 0 : codes->rows(); }
  uint32_t code_bits() const { return codes == nullptr ? 0 : codes->bits(); }
  // What tells an index from another over the same rows: m and ef_construct, or 0 and the number of lists.
  std::pair<uint32_t, uint32_t> Shape() const;
  // The nearest by the index, which there is: nothing of the rows behind it.
  std::vector<index::Neighbor> Search(const index::Query& query, const index::SearchParams& params) const;
  const index::ListedRows* listed_rows() const { return lists == nullptr ? nullptr : lists->listed_rows(); }
};

// The rows of a growing column, for GrowLists.
struct GrowingSource {
  index::RowFormat format;
  index::RowView rows;
  uint32_t capacity = 0;
  uint64_t seed = 1;
  bool with_codes = true;  // of eight bits
  std::function<bool(LocalId)> has;
};

// `before`, which has lists or nothing, with the rows below `upto` in its lists. Centroids and codes are made anew
// when there are four times the rows, and lists for as many, else kept. CANCELLED if told so.
absl::StatusOr<std::shared_ptr<const ColumnIndex>> GrowLists(const ColumnIndex& before, const GrowingSource& source,
                                                             uint32_t upto, const index::IvfBuildOptions& options);

}  // namespace lineal::engine
