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
#include "index/batch/batch_search.h"
#include "index/flat/code_scan.h"
#include "index/flat/flat_search.h"
#include "index/ivf/passing_places.h"

namespace lineal::engine {
namespace {

constexpr size_t kQueries = 128;
constexpr size_t kFilteredQueries = 64;
constexpr size_t kScanned = 16;  // queries whose answers by codes are compared with the exact ones
constexpr uint32_t kWidths[] = {16, 32, 64, 128, 256, 512, 1'024};
constexpr uint32_t kListWidths[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1'024};
constexpr size_t kSmallK = 10, kLargeK = 100;
constexpr double kNearlyAll = 0.9995;       // wider walks are not worth measuring
constexpr uint32_t kRowsTogether = 65'536;  // between two looks at whether to stop
constexpr size_t kPivots = 2;               // rows that filters are made of the neighbours of
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
    for (const BandShare& share : kBandShares) LINEAL_RETURN_IF_ERROR(MeasureBand(share, &table));
    return table;
  }

 private:
  using Answers = std::vector<std::vector<index::Neighbor>>;
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

  // Of the first `count` queries, the i-th of which asks for rows of filters[i % filters.size()], if there are any: in
  // one pass over the rows.
  absl::StatusOr<Answers> Exact(size_t count, std::span<const RowSet> filters) const {
    std::vector<LiveRows> accepted(count, accepted_);
    std::vector<const index::Query*> queries;
    std::vector<index::SearchParams> params;
    for (size_t i = 0; i < count; ++i) {
      accepted[i].filter = filters.empty() ? nullptr : &filters[i % filters.size()];
      accepted[i].left_out = queries_[i].row.value_or(kNoLocal);
      queries.push_back(&queries_[i].query);
      params.push_back({.top_k = kLargeK, .acceptor = &accepted[i]});
    }
    Answers answers(count);
    const auto scan = [&](LocalId begin, LocalId end) {
      if (index::CanScanForAll(column_.format())) {
        const Answers found = index::ScanRangeForAll(queries, column_.rows(), begin, end, params);
        for (size_t i = 0; i < count; ++i) MergeNearest(found[i], kLargeK, &answers[i]);
        return;
      }
      for (size_t i = 0; i < count && CheckCancelled().ok(); ++i) {
        MergeNearest(index::ScanRange(*queries[i], column_.rows(), begin, end, params[i]), kLargeK, &answers[i]);
      }
    };
    ForEachPiece(column_, segment_.rows().size(), [&](LocalId begin, LocalId end) {
      for (uint64_t at = Raw(begin); at < Raw(end) && CheckCancelled().ok(); at += kRowsTogether) {
        scan(LocalId{static_cast<uint32_t>(at)},
             LocalId{static_cast<uint32_t>(std::min<uint64_t>(at + kRowsTogether, Raw(end)))});
      }
      return CheckCancelled().ok();
    });
    LINEAL_RETURN_IF_ERROR(CheckCancelled());
    return answers;
  }

  // How much a scan of all rows by their codes finds.
  absl::Status MeasureScan(const Answers& truth, RecallTable* table) {
    Tally scan(kSmallK);
    const LocalId end{segment_.rows().size()};
    for (size_t i = 0; i < std::min(kScanned, queries_.size()); ++i) {
      LINEAL_RETURN_IF_ERROR(CheckCancelled());
      LeaveOut(queries_[i]);
      scan.Add(truth[i], index::ScanRangeByCodes(*column_.codes(), queries_[i].query, column_.rows(), LocalId{0}, end,
                                                 {.top_k = kSmallK, .acceptor = &accepted_}));
    }
    table->scan_recall = static_cast<float>(std::min(1.0, scan.mean()));
    return absl::OkStatus();
  }

  // Walks with all queries at one width after another and adds a point to each curve. `prepare` sets the filter of a
  // query; a walk that gives up is followed by a scan, which finds all there is.
  absl::Status Climb(const Answers& truth, const std::function<void(size_t)>& prepare,
                     const std::function<size_t(uint32_t)>& hops_max, RecallTable::Band* band) {
    // What lists are scanned for depends on how many answers are wanted.
    const bool apart = column_.lists() != nullptr;
    bool small_known = false, large_known = false;
    for (const uint32_t width : Widths()) {
      if (small_known && large_known) break;
      const size_t limit = hops_max(width);
      if (limit == 0) return absl::OkStatus();
      const bool ask_small = !small_known || !apart, ask_large = width >= kLargeK && !large_known;
      if (!ask_small && !ask_large) continue;
      Tally small(kSmallK), large(kLargeK);
      for (size_t i = 0; i < truth.size(); ++i) {
        LINEAL_RETURN_IF_ERROR(CheckCancelled());
        prepare(i);
        LeaveOut(queries_[i]);
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
        if (apart) {
          if (ask_small) small.Add(truth[i], search(kSmallK));
          if (ask_large) large.Add(truth[i], search(kLargeK));
        } else {
          const auto found = search(std::min<size_t>(width, kLargeK));
          small.Add(truth[i], found);
          if (ask_large) large.Add(truth[i], found);
        }
      }
      LINEAL_RETURN_IF_ERROR(failure_);
      if (!small_known) band->at_10.push_back(small.At(width));
      if (ask_large) band->at_100.push_back(large.At(width));
      small_known = small_known || small.mean() >= kNearlyAll;
      large_known = large_known || (ask_large && large.mean() >= kNearlyAll);
    }
    return absl::OkStatus();
  }

  absl::Status MeasurePlain(RecallTable* table) {
    LINEAL_ASSIGN_OR_RETURN(const Answers truth, Exact(queries_.size(), {}));
    if (table->by_codes) LINEAL_RETURN_IF_ERROR(MeasureScan(truth, table));
    return Climb(
        truth, [](size_t) {}, [](uint32_t) { return size_t{1}; },
        &table->bands[static_cast<size_t>(FilterBand::kNone)]);
  }

  // From each pivot to each of live_, in one pass over the rows.
  absl::Status MeasureFromPivots() {
    std::vector<index::Query> pivots;
    for (size_t p = 0; p < kPivots; ++p) {
      const LocalId pivot = live_[random_.Below(live_.size())];
      pivots.push_back(index::Query::FromRow(column_.format(), column_.rows().at(pivot)));
      from_pivots_[p].reserve(live_.size());
    }
    auto live = live_.begin();
    ForEachPiece(column_, segment_.rows().size(), [&](LocalId, LocalId end) {
      for (; live != live_.end() && *live < end; ++live) {
        const std::byte* row = column_.rows().at(*live);
        for (size_t p = 0; p < kPivots; ++p) from_pivots_[p].emplace_back(pivots[p].DistanceTo(row), Raw(*live));
      }
      return CheckCancelled().ok();
    });
    return CheckCancelled();
  }

  // Filters of three kinds by turns: at random, the rows nearest to one of them, and those farthest from it.
  std::vector<RowSet> FiltersOf(double share) {
    std::vector<RowSet> filters;
    RowSet random;
    for (const LocalId id : live_) {
      if (random_.Unit() < share) random.add(Raw(id));
    }
    filters.push_back(std::move(random));
    const auto passing = static_cast<size_t>(share * static_cast<double>(live_.size()));
    for (auto& distances : from_pivots_) {
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
    if (from_pivots_[0].empty()) LINEAL_RETURN_IF_ERROR(MeasureFromPivots());
    const std::vector<RowSet> filters = FiltersOf(share.typical);
    LINEAL_ASSIGN_OR_RETURN(const Answers truth, Exact(std::min(kFilteredQueries, queries_.size()), filters));
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
  std::vector<std::pair<float, uint32_t>> from_pivots_[kPivots];
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
