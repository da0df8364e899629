#include "engine/segment/segment_read.h"

#include <algorithm>
#include <cmath>

#include "index/flat/code_scan.h"
#include "index/flat/flat_search.h"

namespace lineal::engine {
namespace {

class Facts final : public SegmentFacts {
 public:
  Facts(const Segment& segment, uint32_t rows, const PayloadSource& payloads)
      : segment_(segment), rows_(rows), payloads_(payloads), stale_(segment.stale().ToSet(rows)) {}

  uint32_t rows() const override { return rows_; }
  const FieldIndex* Field(std::string_view key) const override {
    auto it = segment_.parts().fields.find(key);
    return it == segment_.parts().fields.end() ? nullptr : it->second.get();
  }
  const RowSet& stale_rows() const override { return stale_; }
  RowSet RowsOf(const std::vector<PointId>& ids) const override {
    RowSet set;
    for (RowId row : payloads_.RowsOf(ids)) {
      if (auto id = segment_.rows().Find(row); id && Raw(*id) < rows_) set.add(Raw(*id));
    }
    return set;
  }
  RowSet RowsWithVector(std::string_view name) const override {
    const uint32_t* number = vector_number(name);
    const VectorColumn* column = number == nullptr ? nullptr : segment_.Vector(*number);
    return column == nullptr ? RowSet() : column->present().ToSet(rows_);
  }

 private:
  const uint32_t* vector_number(std::string_view name) const {
    auto it = segment_.parts().vector_names.find(name);
    return it == segment_.parts().vector_names.end() ? nullptr : &it->second;
  }

  const Segment& segment_;
  const uint32_t rows_;
  const PayloadSource& payloads_;
  const RowSet stale_;
};

class RowFacts final : public PointFacts {
 public:
  RowFacts(const Segment& segment, LocalId id, const PayloadSource& payloads)
      : segment_(segment), id_(id), payloads_(payloads) {}
  PointId id() const override { return segment_.rows().point(id_); }
  const Value& payload() const override {
    if (!payload_) payload_ = payloads_.PayloadOf(segment_.rows().row(id_));
    return *payload_;
  }
  bool HasVector(std::string_view name) const override {
    auto it = segment_.parts().vector_names.find(name);
    if (it == segment_.parts().vector_names.end()) return false;
    const VectorColumn* column = segment_.Vector(it->second);
    return column != nullptr && column->Has(id_);
  }

 private:
  const Segment& segment_;
  const LocalId id_;
  const PayloadSource& payloads_;
  mutable std::optional<Value> payload_;
};

class ReadAcceptor final : public index::Acceptor {
 public:
  ReadAcceptor(const SegmentRead& read, const VectorColumn& column) : read_(read), column_(column) {}
  bool Accepts(LocalId id) const override { return column_.Has(id) && read_.Passes(id); }

 private:
  const SegmentRead& read_;
  const VectorColumn& column_;
};

// Distances that a filtered graph walk costs, against a scan of the matches: a hop looks at about 2m links and half of
// them are new; a row reached by a link costs about three rows of a scan (docs/adr/0005-filtered-plans.md).
bool ScanIsCheaper(uint64_t matches, uint64_t rows, size_t ef_search) {
  constexpr double kRowsPerHop = 16;
  constexpr double kRandomAccess = 3;
  const double selectivity = std::max(1.0, static_cast<double>(matches)) / static_cast<double>(rows);
  const double hops = std::min(static_cast<double>(rows), static_cast<double>(ef_search) / selectivity);
  return 2.0 * static_cast<double>(matches) <= hops * kRowsPerHop * kRandomAccess;
}

}  // namespace

SegmentRead::SegmentRead(const Segment& segment, Seq at, const CompiledFilter* filter, const PayloadSource& payloads)
    : segment_(segment), at_(at), rows_(segment.rows().size()), filter_(filter), payloads_(payloads) {
  if (filter != nullptr && !filter->passes_all()) bounds_ = filter->Bounds(Facts(segment, rows_, payloads));
}

bool SegmentRead::Passes(LocalId id) const {
  if (Raw(id) >= rows_ || !segment_.rows().VisibleAt(id, at_)) return false;
  if (!bounds_) return true;
  if (bounds_->lower.contains(Raw(id))) return true;
  return bounds_->upper.contains(Raw(id)) && Verify(id);
}

bool SegmentRead::Verify(LocalId id) const { return filter_->Passes(RowFacts(segment_, id, payloads_)); }

void SegmentRead::ForEach(const std::function<bool(LocalId)>& visit) const {
  if (!bounds_) {
    for (uint32_t i = 0; i < rows_; ++i) {
      if (segment_.rows().VisibleAt(LocalId{i}, at_) && !visit(LocalId{i})) return;
    }
    return;
  }
  for (uint32_t i : bounds_->upper) {
    if (Passes(LocalId{i}) && !visit(LocalId{i})) return;
  }
}

uint64_t SegmentRead::rows_max() const { return bounds_ ? bounds_->upper.cardinality() : rows_; }

std::vector<index::Neighbor> SegmentRead::Search(const index::Query& query, const SegmentSearchParams& params,
                                                 SearchPlan* plan) const {
  SearchPlan ignored;
  if (plan == nullptr) plan = &ignored;
  const VectorColumn* column = segment_.Vector(params.vector_number);
  const uint64_t matches = rows_max();
  *plan = SearchPlan::kNothing;
  if (column == nullptr || matches == 0 || params.top_k == 0) return {};

  ReadAcceptor acceptor(*this, *column);
  index::SearchParams search;
  search.top_k = std::min<uint64_t>(params.top_k, matches);
  search.ef_search = std::max(params.ef_search, search.top_k);
  search.acceptor = &acceptor;
  search.use_codes = params.use_codes;
  search.deadline = params.deadline;
  const bool scan_matches =
      bounds_ && matches < rows_ &&
      (params.exact || column->graph() == nullptr || ScanIsCheaper(matches, rows_, search.ef_search));
  if (scan_matches) {
    *plan = SearchPlan::kScanMatches;
    std::vector<LocalId> ids;
    ids.reserve(matches);
    for (uint32_t i : bounds_->upper) ids.push_back(LocalId{i});
    if (column->codes() != nullptr && params.use_codes && !params.exact) {
      return index::ScanListByCodes(*column->codes(), query, column->rows(), ids, search);
    }
    return index::ScanList(query, column->rows(), ids, search);
  }
  const bool exact = params.exact || column->graph() == nullptr || search.top_k * 2 >= rows_;
  *plan = exact ? SearchPlan::kScanAll : SearchPlan::kGraph;
  return column->Search(query, rows_, search, exact);
}

}  // namespace lineal::engine
