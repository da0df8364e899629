// Reading one segment at one seq: which rows are visible and pass a filter, and which of those are nearest.
//
// Threads: any. A SegmentRead borrows the segment, the filter and the payload source for its own life.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/filter/compiled_filter.h"
#include "engine/segment/search_plan.h"
#include "engine/segment/segment.h"

namespace lineal::engine {

// Where payloads come from when an index cannot tell. Threads: any.
class PayloadSource {
 public:
  virtual ~PayloadSource() = default;
  // The payload of the row at the read's seq: an object, empty if it has none. A failure is remembered by the source
  // and reported by the read as a whole.
  virtual Value PayloadOf(RowId row) const = 0;
  // Point numbers to rows, for has_id: every row of these points, of any version, in this shard.
  virtual std::vector<RowId> RowsOf(const std::vector<PointId>& ids) const = 0;
  // A failure that the read met elsewhere: it is not to be answered.
  virtual void Remember(const absl::Status& failure) const = 0;
};

struct SegmentSearchParams {
  uint32_t vector_number = 0;
  size_t top_k = 10;
  std::optional<size_t> ef_search;      // goes before the target
  std::optional<double> recall_target;  // above 0, at most 1
  bool exact = false;
  bool use_codes = true;                                 // where there are any, and not exact
  bool rescore = true;                                   // what was found by codes, by the rows
  double oversampling = 0;                               // times top_k that are rescored at least
  float bound = std::numeric_limits<float>::infinity();  // rows farther than this are of no use
  Deadline deadline;
};

// How a search of one segment was run, for explain and tests.
struct SearchTrace {
  PlanQuestion question;
  PlanChoice choice;
  index::SearchWork work;
};

class SegmentRead {
 public:
  SegmentRead(const Segment& segment, Seq at, const CompiledFilter* filter, const PayloadSource& payloads);

  bool passes_everything() const { return filtered_ == nullptr; }
  // Visible and passing. Reads the payload only where the indexes cannot tell.
  bool Passes(LocalId id) const;
  // By what the indexes know; true where they are not sure.
  bool MayPass(LocalId id) const { return !filtered_ || filtered_->MayPass(id); }
  // Calls `visit` with every row that passes, in order, until it returns false.
  void ForEach(const std::function<bool(LocalId)>& visit) const;
  // The greatest number of rows that can pass.
  uint64_t rows_max() const;
  // The number that indexes are sure of.
  uint64_t rows_min() const;
  // The very number, dead rows left out; nothing when more than `payloads_max` payloads would have to be read for it.
  std::optional<uint64_t> CountPassing(uint64_t payloads_max) const;

  std::vector<index::Neighbor> Search(const index::Query& query, const SegmentSearchParams& params,
                                      SearchTrace* trace = nullptr) const;
  const Segment& segment() const { return segment_; }

 private:
  bool Verify(LocalId id) const;
  void Filter();
  // Whether no row that a search of the column may come upon needs to be asked for.
  bool AllPass(const VectorColumn& column, const ColumnIndex& index) const;
  // The lists of the one tenant whose rows alone may pass, but for those whose payload changed since, if these are
  // few; else null.
  const index::IvfIndex* TenantOf(const ColumnIndex& index) const;
  bool PlacesPay(const ColumnIndex& index) const;
  std::shared_ptr<const index::PassingPlaces> PlacesIn(const ColumnIndex& index, uint32_t vector) const;
  PlanQuestion QuestionOf(const VectorColumn* column, const ColumnIndex& index, const index::IvfIndex* tenant,
                          const SegmentSearchParams& params) const;
  std::vector<index::Neighbor> SearchTenant(const VectorColumn& column, const ColumnIndex& index,
                                            const index::IvfIndex& tenant, const index::Query& query,
                                            const index::SearchParams& params) const;
  std::vector<index::Neighbor> ScanMatches(const VectorColumn& column, const ColumnIndex& index,
                                           const index::Query& query, const index::SearchParams& params,
                                           bool by_codes) const;

  const Segment& segment_;
  const Seq at_;
  const uint32_t rows_;
  const CompiledFilter* filter_;
  const PayloadSource& payloads_;
  std::shared_ptr<const FilteredRows> filtered_;  // null: all pass
};

}  // namespace lineal::engine
