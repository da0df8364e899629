#include "engine/segment/segment_read.h"

#include <algorithm>
#include <cmath>

#include "engine/segment/column_pass.h"

namespace lineal::engine {
namespace {

// A row that has to come from disk by itself takes as long as scanning so many bytes in memory.
constexpr size_t kBytesOfARead = size_t{128} << 10;
// So many times as many rows must be in a tenant's lists as have changed their payload, which are scanned beside them.
constexpr uint64_t kStaleShare = 4;

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
  bool MayAccept(LocalId id) const override { return read_.MayPass(id); }

 private:
  const SegmentRead& read_;
  const VectorColumn& column_;
};

}  // namespace

SegmentRead::SegmentRead(const Segment& segment, Seq at, const CompiledFilter* filter, const PayloadSource& payloads)
    : segment_(segment), at_(at), rows_(segment.rows().size()), filter_(filter), payloads_(payloads) {
  if (filter != nullptr && !filter->passes_all()) Filter();
}

void SegmentRead::Filter() {
  FilterCache* cache = filter_->key().empty() ? nullptr : segment_.filter_cache();
  // Before the bounds: of rows that become stale meanwhile these may know, but not the other way round.
  const uint32_t stale_rows = segment_.stale().count();
  if (cache != nullptr) filtered_ = cache->Find(filter_->key(), stale_rows);
  if (filtered_ != nullptr) return;
  filtered_ = std::make_shared<const FilteredRows>(filter_->Bounds(Facts(segment_, rows_, payloads_)));
  if (cache != nullptr) cache->Keep(filter_->key(), stale_rows, filtered_);
}

bool SegmentRead::Passes(LocalId id) const {
  if (Raw(id) >= rows_ || !MayPass(id)) return false;
  if (!segment_.rows().VisibleAt(id, at_)) return false;
  return !filtered_ || filtered_->exact() || filtered_->SurelyPasses(id) || Verify(id);
}

bool SegmentRead::Verify(LocalId id) const { return filter_->Passes(RowFacts(segment_, id, payloads_)); }

void SegmentRead::ForEach(const std::function<bool(LocalId)>& visit) const {
  if (!filtered_) {
    for (uint32_t i = 0; i < rows_; ++i) {
      if (segment_.rows().VisibleAt(LocalId{i}, at_) && !visit(LocalId{i})) return;
    }
    return;
  }
  for (uint32_t i : filtered_->upper()) {
    if (Passes(LocalId{i}) && !visit(LocalId{i})) return;
  }
}

uint64_t SegmentRead::rows_max() const { return filtered_ ? filtered_->rows_max() : rows_; }

uint64_t SegmentRead::rows_min() const { return filtered_ ? filtered_->rows_min() : rows_; }

std::optional<uint64_t> SegmentRead::CountPassing(uint64_t payloads_max) const {
  if (rows_max() - rows_min() > payloads_max) return std::nullopt;
  uint64_t count = 0;
  ForEach([&](LocalId) {
    ++count;
    return true;
  });
  return count;
}

bool SegmentRead::AllPass(const VectorColumn& column, const ColumnIndex& index) const {
  return !filtered_ && column.all_present() && segment_.rows().AllVisibleAt(at_) && index.indexed <= rows_;
}

const index::IvfIndex* SegmentRead::TenantOf(const ColumnIndex& index) const {
  if (filtered_ == nullptr || index.tenants == nullptr) return nullptr;
  const index::IvfIndex* tenant = index.tenants->Find(filter_->must_hold());
  return tenant != nullptr && segment_.stale().count() * kStaleShare <= tenant->size() ? tenant : nullptr;
}

// A filter that comes again and again.
bool SegmentRead::PlacesPay(const ColumnIndex& index) const {
  return filtered_ != nullptr && filtered_->has_bits() && index.lists != nullptr && index.listed_rows() == nullptr;
}

std::shared_ptr<const index::PassingPlaces> SegmentRead::PlacesIn(const ColumnIndex& index, uint32_t vector) const {
  if (!PlacesPay(index)) return nullptr;
  return segment_.filter_cache()->PlacesOf(filter_->key(), filtered_, vector, [&] {
    return index.lists->PlacesOf([&](LocalId id) { return filtered_->MayPass(id); });
  });
}

PlanQuestion SegmentRead::QuestionOf(const VectorColumn* column, const ColumnIndex& index,
                                     const index::IvfIndex* tenant, const SegmentSearchParams& params) const {
  PlanQuestion question;
  question.rows = tenant == nullptr ? rows_ : tenant->size();
  question.of_tenant = tenant != nullptr;
  question.matches = column == nullptr ? 0 : std::min(rows_max(), question.rows);
  question.filtered =
      filtered_ != nullptr && (tenant == nullptr || question.matches < question.rows || !filtered_->exact());
  question.top_k = column == nullptr ? 0 : std::min<uint64_t>(params.top_k, rows_max());
  question.exact = params.exact;
  question.ef_search = params.ef_search;
  question.recall_target = params.recall_target;
  if (column == nullptr) return question;
  question.has_index = index.has_index();
  question.by_lists = index.lists != nullptr;
  question.lists = question.by_lists ? index.lists->lists() : 0;
  question.places_known = tenant == nullptr && PlacesPay(index);
  if (question.by_lists) question.bit_bytes = index::RabitqBlockBytes(column->format().dim) / index::kScanRows;
  question.has_codes = index.codes != nullptr && params.use_codes;
  question.distance_bytes = question.has_codes ? index.codes->stride() : column->rows().row_bytes();
  if (column->memory() == VectorMemory::kCold && !question.has_codes) question.distance_bytes = kBytesOfARead;
  return question;
}

std::vector<index::Neighbor> SegmentRead::SearchTenant(const VectorColumn& column, const ColumnIndex& index,
                                                       const index::IvfIndex& tenant, const index::Query& query,
                                                       const index::SearchParams& params) const {
  std::vector<index::Neighbor> found = tenant.Search(query, params);
  if (segment_.stale().count() == 0) return found;
  // Of whom rows with another payload are by now, their lists do not say.
  RowSet stale = segment_.stale().ToSet(rows_) & filtered_->upper();
  for (const index::Neighbor& neighbor : found) stale.remove(Raw(neighbor.id));
  std::vector<LocalId> ids;
  for (uint32_t row : stale) ids.push_back(LocalId{row});
  MergeNearest(column.ScanSome(index, query, ids, params, params.use_codes), params.top_k, &found);
  return found;
}

std::vector<index::Neighbor> SegmentRead::ScanMatches(const VectorColumn& column, const ColumnIndex& index,
                                                      const index::Query& query, const index::SearchParams& params,
                                                      bool by_codes) const {
  static_assert(sizeof(LocalId) == sizeof(uint32_t));
  std::vector<LocalId> ids(filtered_->rows_max());
  filtered_->upper().toUint32Array(reinterpret_cast<uint32_t*>(ids.data()));
  return column.ScanSome(index, query, ids, params, by_codes);
}

std::vector<index::Neighbor> SegmentRead::Search(const index::Query& query, const SegmentSearchParams& params,
                                                 SearchTrace* trace) const {
  SearchTrace own;
  if (trace == nullptr) trace = &own;
  const VectorColumn* column = segment_.Vector(params.vector_number);
  const std::shared_ptr<const ColumnIndex> index = column == nullptr ? nullptr : column->index();
  const index::IvfIndex* tenant = index == nullptr ? nullptr : TenantOf(*index);
  trace->question = QuestionOf(column, index == nullptr ? ColumnIndex{} : *index, tenant, params);
  const std::shared_ptr<const RecallTable> recall =
      column != nullptr && (params.recall_target || trace != &own) ? column->recall() : nullptr;
  // What was measured by codes says nothing of rows.
  const uint32_t bits = trace->question.has_codes ? column->code_bits() : 0;
  if (recall != nullptr && (recall->by_codes ? recall->code_bits : 0) == bits) trace->question.recall = recall.get();
  PlanChoice& choice = trace->choice = ChoosePlan(trace->question);
  trace->question.recall_measured = trace->question.recall != nullptr;
  trace->question.recall = nullptr;

  if (choice.plan == SearchPlan::kNothing) return {};
  const ReadAcceptor acceptor(*this, *column);
  index::SearchParams search;
  search.top_k = trace->question.top_k;
  search.ef_search = choice.ef_search;
  search.hops_max = choice.hops_max;
  search.acceptor = AllPass(*column, *index) ? nullptr : &acceptor;
  search.accepted_share = static_cast<double>(trace->question.matches) / static_cast<double>(trace->question.rows);
  search.use_codes = params.use_codes;
  search.rescore = params.rescore;
  search.kept_by_codes = static_cast<size_t>(
      std::min(std::ceil(params.oversampling * static_cast<double>(search.top_k)), static_cast<double>(rows_)));
  search.bound = params.bound;
  search.deadline = params.deadline;
  search.work = &trace->work;
  switch (choice.plan) {
    case SearchPlan::kNothing:
      return {};
    case SearchPlan::kScanMatches:
      return ScanMatches(*column, *index, query, search, choice.by_codes);
    case SearchPlan::kTenantLists:
      return SearchTenant(*column, *index, *tenant, query, search);
    case SearchPlan::kScanAll:
      return column->ScanAll(*index, query, rows_, search, choice.by_codes);
    case SearchPlan::kGraph:
    case SearchPlan::kLists:
      break;
  }
  const auto places = PlacesIn(*index, params.vector_number);
  search.places = places.get();
  std::vector<index::Neighbor> found = column->Search(*index, query, rows_, search);
  if (!trace->work.failure.ok()) payloads_.Remember(trace->work.failure);
  if (!trace->work.gave_up) return found;
  choice.plan = SearchPlan::kScanMatches;
  choice.reason = PlanReason::kWalkGaveUp;
  choice.by_codes = trace->question.has_codes;
  return ScanMatches(*column, *index, query, search, choice.by_codes);
}

}  // namespace lineal::engine
