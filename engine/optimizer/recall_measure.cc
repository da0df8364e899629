#include "engine/optimizer/recall_measure.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <tuple>

#include "base/random.h"
#include "base/status.h"
#include "engine/segment/column_pass.h"
#include "engine/segment/search_plan.h"
#include "index/flat/code_scan.h"
#include "index/flat/flat_search.h"
#include "index/ivf/passing_places.h"

namespace lineal::engine {
namespace {

constexpr size_t kQueries = 128;
constexpr size_t kFilteredQueries = 64;
constexpr size_t kVerified = 16;  // queries whose answers by codes are compared with those by rows
constexpr uint32_t kWidths[] = {16, 32, 64, 128, 256, 512, 1'024};
constexpr uint32_t kListWidths[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1'024};
constexpr size_t kSmallK = 10, kLargeK = 100;
constexpr double kNearlyAll = 0.9995;   // wider walks are not worth measuring
constexpr size_t kKeptByCodes = 1'100;  // of a scan by codes that stands for an exact one
constexpr double kCodesAreExact = 0.999;
constexpr double kDeadShareMoved = 0.1;

// Share of the rows that pass the filters of a band, and the greatest share that belongs to it.
struct BandShare {
  FilterBand band;
  double typical, most;
};
constexpr BandShare kBandShares[] = {
    {FilterBand::kMost, 0.7, 1.0}, {FilterBand::kSome, 0.25, 0.5}, {FilterBand::kFew, 0.05, 0.1}};

class LiveRows final : public index::Acceptor {
 public:
  LiveRows(const Segment& segment, const VectorColumn& column) : rows_(segment.rows()), column_(column) {}
  bool Accepts(LocalId id) const override {
    return id != left_out && column_.Has(id) && rows_.died(id) == kSeqMax &&
           (filter == nullptr || filter->contains(Raw(id)));
  }
  bool MayAccept(LocalId id) const override { return filter == nullptr || filter->contains(Raw(id)); }
  const RowSet* filter = nullptr;
  LocalId left_out = kNoLocal;

 private:
  const RowTable& rows_;
  const VectorColumn& column_;
};

// Recall of single queries at one width.
class Tally {
 public:
  explicit Tally(size_t k) : k_(k) {}
  // By distance: of several equally near rows one is as good as another.
  void Add(const std::vector<index::Neighbor>& exact, const std::vector<index::Neighbor>& found) {
    const size_t wanted = std::min(k_, exact.size());
    if (wanted == 0) return;
    const float last = exact[wanted - 1].distance;
    const float bound = last + std::abs(last) * 1e-5f;
    size_t hits = 0;
    for (size_t i = 0; i < std::min(wanted, found.size()); ++i) hits += found[i].distance <= bound;
    Count(static_cast<double>(hits) / static_cast<double>(wanted));
  }
  void Count(double recall) {
    sum_ += recall;
    squares_ += recall * recall;
    ++count_;
  }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  RecallPoint At(uint32_t ef_search) const {
    const auto n = static_cast<double>(std::max<size_t>(count_, 1));
    const double variance = std::max(0.0, squares_ / n - mean() * mean()) * n / std::max(1.0, n - 1);
    const double one_miss = 1 / (n * static_cast<double>(k_));
    const double error = std::clamp(std::sqrt(variance / n), one_miss, 1.0);
    return {ef_search, static_cast<float>(std::min(1.0, mean())), static_cast<float>(error)};
  }

 private:
  const size_t k_;
  double sum_ = 0, squares_ = 0;
  size_t count_ = 0;
};

class Measurement {
 public:
  Measurement(const Segment& segment, const VectorColumn& column, const std::atomic<bool>* cancelled)
      : segment_(segment), column_(column), cancelled_(cancelled), accepted_(segment, column) {
    for (uint32_t i = 0; i < segment.rows().size(); ++i) {
      if (accepted_.Accepts(LocalId{i})) live_.push_back(LocalId{i});
    }
  }

  absl::StatusOr<RecallTable> Run(uint32_t vector_number, const QuerySamples* samples) {
    RecallTable table;
    table.rows = segment_.rows().size();
    std::tie(table.m, table.ef_construct) = column_.index()->Shape();
    table.by_codes = column_.codes() != nullptr;
    if (table.by_codes) table.code_bits = column_.code_bits();
    table.dead_rows = segment_.rows().dead_rows();
    if (samples != nullptr) {
      table.sample_generation = samples->generation(vector_number);
      for (const std::vector<float>& values : samples->Take(vector_number)) {
        if (auto query = index::Query::Make(column_.format(), values); query.ok()) {
          queries_.push_back({*std::move(query), std::nullopt});
        }
      }
    }
    table.recent_queries = static_cast<uint32_t>(queries_.size());
    if (live_.empty()) return table;
    if (queries_.size() < QuerySamples::kEnough) AskForStoredRows();
    table.queries = static_cast<uint32_t>(queries_.size());
    LINEAL_RETURN_IF_ERROR(MeasurePlain(&table));
    // What filters find would take passes over all rows for each query, which lie on disk.
    if (column_.memory() == VectorMemory::kCold && !table.by_codes) return table;
    for (const BandShare& share : kBandShares) LINEAL_RETURN_IF_ERROR(MeasureBand(share, &table));
    return table;
  }

 private:
  struct Sample {
    index::Query query;
    std::optional<LocalId> row;  // that it is
  };

  absl::Status CheckCancelled() const {
    if (cancelled_ != nullptr && cancelled_->load()) return absl::CancelledError("the optimizer is stopping");
    return absl::OkStatus();
  }

  void AskForStoredRows() {
    while (queries_.size() < kQueries) {
      const LocalId row = live_[random_.Below(live_.size())];
      queries_.push_back({index::Query::FromRow(column_.format(), column_.Row(row)), row});
    }
  }

  std::span<const uint32_t> Widths() const {
    return column_.lists() != nullptr ? std::span<const uint32_t>(kListWidths) : std::span<const uint32_t>(kWidths);
  }

  void LeaveOut(const Sample& sample) { accepted_.left_out = sample.row.value_or(kNoLocal); }

  std::vector<index::Neighbor> ExactByRows(const Sample& sample) {
    LeaveOut(sample);
    const LocalId end{segment_.rows().size()};
    return index::ScanRange(sample.query, column_.rows(), LocalId{0}, end, {.top_k = kLargeK, .acceptor = &accepted_});
  }
  std::vector<index::Neighbor> ByCodes(const Sample& sample, size_t top_k, size_t kept) {
    LeaveOut(sample);
    const LocalId end{segment_.rows().size()};
    return index::ScanRangeByCodes(*column_.codes(), sample.query, column_.rows(), LocalId{0}, end,
                                   {.top_k = top_k, .acceptor = &accepted_, .kept_by_codes = kept});
  }

  // All queries in one pass over the rows.
  absl::StatusOr<std::vector<std::vector<index::Neighbor>>> TruthOfCold() {
    std::vector<std::vector<index::Neighbor>> truth(queries_.size());
    ForEachPiece(column_, segment_.rows().size(), [&](LocalId begin, LocalId end) {
      for (size_t i = 0; i < queries_.size() && CheckCancelled().ok(); ++i) {
        LeaveOut(queries_[i]);
        MergeNearest(
            index::ScanRange(queries_[i].query, column_.rows(), begin, end, {.top_k = kLargeK, .acceptor = &accepted_}),
            kLargeK, &truth[i]);
      }
      return CheckCancelled().ok();
    });
    LINEAL_RETURN_IF_ERROR(CheckCancelled());
    return truth;
  }

  // Exact answers: by codes, if those turn out to be as good.
  absl::StatusOr<std::vector<std::vector<index::Neighbor>>> Truth(RecallTable* table) {
    if (column_.memory() == VectorMemory::kCold && !table->by_codes) return TruthOfCold();
    std::vector<std::vector<index::Neighbor>> truth;
    if (table->by_codes) {
      Tally scan(kSmallK), wide(kLargeK);
      for (size_t i = 0; i < std::min(kVerified, queries_.size()); ++i) {
        LINEAL_RETURN_IF_ERROR(CheckCancelled());
        truth.push_back(ExactByRows(queries_[i]));
        scan.Add(truth.back(), ByCodes(queries_[i], kSmallK, 0));
        wide.Add(truth.back(), ByCodes(queries_[i], kLargeK, kKeptByCodes));
      }
      table->scan_recall = static_cast<float>(std::min(1.0, scan.mean()));
      codes_are_exact_ = wide.mean() >= kCodesAreExact;
    }
    for (size_t i = truth.size(); i < queries_.size(); ++i) {
      LINEAL_RETURN_IF_ERROR(CheckCancelled());
      truth.push_back(codes_are_exact_ ? ByCodes(queries_[i], kLargeK, kKeptByCodes) : ExactByRows(queries_[i]));
    }
    return truth;
  }

  // Walks with all queries at one width after another and adds a point to each curve. `prepare` sets the filter of a
  // query; a walk that gives up is followed by a scan, which finds all there is.
  absl::Status Climb(const std::vector<std::vector<index::Neighbor>>& truth, const std::function<void(size_t)>& prepare,
                     const std::function<size_t(uint32_t)>& hops_max, RecallTable::Band* band) {
    for (const uint32_t width : Widths()) {
      const size_t limit = hops_max(width);
      if (limit == 0) return absl::OkStatus();
      Tally small(kSmallK), large(kLargeK);
      for (size_t i = 0; i < truth.size(); ++i) {
        LINEAL_RETURN_IF_ERROR(CheckCancelled());
        prepare(i);
        LeaveOut(queries_[i]);
        // What lists are scanned for depends on how many answers are wanted.
        const bool apart = column_.lists() != nullptr;
        const auto search = [&](size_t top_k) {
          index::SearchWork work;
          auto found = column_.index()->Search(queries_[i].query, {.top_k = top_k,
                                                                   .ef_search = width,
                                                                   .acceptor = &accepted_,
                                                                   .accepted_share = share_,
                                                                   .places = places_,
                                                                   .left_out = queries_[i].row,
                                                                   .hops_max = accepted_.filter == nullptr ? 0 : limit,
                                                                   .work = &work});
          failure_.Update(work.failure);
          return work.gave_up ? truth[i] : found;
        };
        const auto found = search(apart ? kSmallK : std::min<size_t>(width, kLargeK));
        small.Add(truth[i], found);
        if (width >= kLargeK) large.Add(truth[i], apart ? search(kLargeK) : found);
      }
      LINEAL_RETURN_IF_ERROR(failure_);
      band->at_10.push_back(small.At(width));
      if (width >= kLargeK) band->at_100.push_back(large.At(width));
      if (width >= kLargeK && small.mean() >= kNearlyAll && large.mean() >= kNearlyAll) break;
    }
    return absl::OkStatus();
  }

  absl::Status MeasurePlain(RecallTable* table) {
    LINEAL_ASSIGN_OR_RETURN(auto truth, Truth(table));
    return Climb(
        truth, [](size_t) {}, [](uint32_t) { return size_t{1}; },
        &table->bands[static_cast<size_t>(FilterBand::kNone)]);
  }

  // Filters of three kinds by turns: at random, the rows nearest to one of them, and those farthest from it.
  std::vector<RowSet> FiltersOf(double share) {
    constexpr size_t kPivots = 2;
    std::vector<RowSet> filters;
    RowSet random;
    for (const LocalId id : live_) {
      if (random_.Unit() < share) random.add(Raw(id));
    }
    filters.push_back(std::move(random));
    const auto passing = static_cast<size_t>(share * static_cast<double>(live_.size()));
    for (size_t p = 0; p < kPivots; ++p) {
      const LocalId pivot = live_[random_.Below(live_.size())];
      const index::Query query = index::Query::FromRow(column_.format(), column_.rows().at(pivot));
      std::vector<std::pair<float, uint32_t>> distances;
      for (const LocalId id : live_) distances.emplace_back(query.DistanceTo(column_.rows().at(id)), Raw(id));
      for (const bool near : {true, false}) {
        const size_t split = near ? passing : distances.size() - passing;
        if (split >= distances.size()) continue;
        std::nth_element(distances.begin(), distances.begin() + static_cast<ptrdiff_t>(split), distances.end());
        RowSet set;
        for (size_t i = near ? 0 : split; i < (near ? split : distances.size()); ++i) set.add(distances[i].second);
        filters.push_back(std::move(set));
      }
    }
    return filters;
  }

  // Filters that come again and again are what is measured, as far as their rows are known in the order of lists.
  std::vector<index::PassingPlaces> PlacesOf(const std::vector<RowSet>& filters) const {
    std::vector<index::PassingPlaces> places;
    if (column_.lists() == nullptr || column_.listed_rows() != nullptr) return places;
    for (const RowSet& filter : filters) {
      places.push_back(column_.lists()->PlacesOf([&](LocalId id) { return filter.contains(Raw(id)); }));
    }
    return places;
  }

  absl::Status MeasureBand(const BandShare& share, RecallTable* table) {
    const uint64_t rows = segment_.rows().size();
    const auto most = static_cast<uint64_t>(share.most * static_cast<double>(rows));
    const size_t bytes = table->by_codes ? column_.codes()->stride() : column_.rows().row_bytes();
    const auto hops_max = [&](uint32_t width) -> size_t {
      if (column_.listed_rows() != nullptr) {
        const size_t bit_bytes = index::RabitqBlockBytes(column_.format().dim) / index::kScanRows;
        return ListScanIsCheaper(most, rows, width, bytes, bit_bytes) ? 0 : 1;
      }
      if (column_.lists() != nullptr) return PlacesScanIsCheaper(most, column_.lists()->lists(), bytes) ? 0 : 1;
      if (ScanIsCheaper(most, rows, width, bytes)) return 0;
      return HopsMax(static_cast<uint64_t>(share.typical * static_cast<double>(live_.size())), rows, width);
    };
    if (hops_max(Widths().front()) == 0) return absl::OkStatus();
    const std::vector<RowSet> filters = FiltersOf(share.typical);
    std::vector<std::vector<LocalId>> lists;
    for (const RowSet& filter : filters) {
      std::vector<LocalId>& list = lists.emplace_back();
      for (uint32_t row : filter) list.push_back(LocalId{row});
    }
    std::vector<std::vector<index::Neighbor>> truth;
    accepted_.filter = nullptr;
    for (size_t i = 0; i < std::min(kFilteredQueries, queries_.size()); ++i) {
      LINEAL_RETURN_IF_ERROR(CheckCancelled());
      const std::vector<LocalId>& list = lists[i % lists.size()];
      LeaveOut(queries_[i]);
      const index::SearchParams params{.top_k = kLargeK, .acceptor = &accepted_, .kept_by_codes = kKeptByCodes};
      truth.push_back(table->by_codes && codes_are_exact_
                          ? index::ScanListByCodes(*column_.codes(), queries_[i].query, column_.rows(), list, params)
                          : index::ScanList(queries_[i].query, column_.rows(), list, params));
    }
    share_ = share.typical;
    const std::vector<index::PassingPlaces> places = PlacesOf(filters);
    const absl::Status climbed = Climb(
        truth,
        [&](size_t i) {
          accepted_.filter = &filters[i % filters.size()];
          places_ = places.empty() ? nullptr : &places[i % filters.size()];
        },
        hops_max, &table->bands[static_cast<size_t>(share.band)]);
    accepted_.filter = nullptr;
    places_ = nullptr;
    share_ = 1;
    return climbed;
  }

  const Segment& segment_;
  const VectorColumn& column_;
  const std::atomic<bool>* const cancelled_;
  LiveRows accepted_;
  std::vector<LocalId> live_;
  std::vector<Sample> queries_;
  bool codes_are_exact_ = false;
  const index::PassingPlaces* places_ = nullptr;
  double share_ = 1;      // of the rows that pass the filters being measured
  absl::Status failure_;  // of reading rows
  Random random_{0x11ea1};
};

}  // namespace

absl::StatusOr<RecallTable> MeasureRecall(const Segment& segment, uint32_t vector_number, const QuerySamples* samples,
                                          const std::atomic<bool>* cancelled) {
  const VectorColumn* column = segment.Vector(vector_number);
  return Measurement(segment, *column, cancelled).Run(vector_number, samples);
}

bool RecallIsDue(const Segment& segment, uint32_t vector_number, const QuerySamples* samples) {
  const VectorColumn* column = segment.Vector(vector_number);
  if (segment.kind() != SegmentKind::kSealed || column == nullptr || !column->has_index()) return false;
  const std::shared_ptr<const RecallTable> table = column->recall();
  if (table == nullptr || (table->by_codes ? table->code_bits : 0) != column->code_bits()) return true;
  const double died = static_cast<double>(segment.rows().dead_rows()) - static_cast<double>(table->dead_rows);
  if (died > kDeadShareMoved * segment.rows().size()) return true;
  const uint64_t generation = samples == nullptr ? 0 : samples->generation(vector_number);
  // The first generation is news only to a table that was measured without users' queries.
  const bool first_known = generation == 1 && table->recent_queries >= QuerySamples::kEnough;
  return generation > table->sample_generation && !first_known;
}

}  // namespace lineal::engine
