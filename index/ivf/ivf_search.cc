#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "index/ivf/effort.h"
#include "index/ivf/ivf_index.h"
#include "index/ivf/list_choice.h"
#include "index/ivf/passing_places.h"
#include "index/kernels/active_kernels.h"
#include "index/quantizers/code_query.h"
#include "index/quantizers/measure.h"
#include "index/quantizers/rescore.h"
#include "index/vectors/prefetch.h"
#include "index/vectors/top_k.h"

namespace lineal::index {
namespace {

// Rows that wait for their codes to come from memory, and how many are judged at once.
constexpr size_t kWaitingMax = 64;
constexpr size_t kJudgedTogether = 16;
constexpr size_t kBlocksTogether = 16;
constexpr size_t kLinesAhead = 16;  // of the next list
constexpr size_t kListsPerLook = 16;
constexpr size_t kMoreThanMissing = 8;  // judged before there is a bound
// Where fewer pass, rows are asked whether they may before they are judged.
constexpr double kSievedShare = 0.8;
// Part of its patience that a search has left when it is told what is near enough.
constexpr double kPatienceShare = 3;
// Times wider than asked for, where the rows that pass lie apart from the query; and where it is known which they are.
constexpr size_t kApart = 16, kApartKnown = 4;
// As many answers as with fewer the search would end too early.
constexpr size_t kAnswersMin = 10;
// Of a list of which fewer rows pass, those are judged at once; of others what one-bit codes let through.
constexpr size_t kJudgedAtOnce = 8;
// Lists that are looked at for each that is wanted, of the groups nearest to the query, where that is a small part of
// all: who wants many finds less among groups, and does not gain.
constexpr size_t kRankedForOne = 8;
constexpr size_t kRankedShare = 4;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// What a scan has found, by codes or by rows.
template <class Measure>
class Candidates {
 public:
  Candidates(const Measure& measure, const SearchParams& params, size_t kept)
      : measure_(measure),
        acceptor_(params.acceptor),
        sieve_(params.accepted_share < kSievedShare && params.places == nullptr ? params.acceptor : nullptr),
        limit_(params.bound),
        kept_(kept),
        top_(kept) {}

  float bound() const { return std::min(top_.bound(), limit_); }
  bool bounded() const { return bound() < kInfinity; }
  uint64_t judged() const { return judged_; }
  // Whether anything has been found since this was last asked.
  bool BroughtSomething() { return std::exchange(brought_something_, false); }

  // ids[i] for every bit i of `bits`.
  void Add(const LocalId* ids, uint32_t bits) {
    for (; bits != 0; bits &= bits - 1) {
      const uint32_t id = Raw(ids[std::countr_zero(bits)]);
      if (sieve_ != nullptr && !sieve_->MayAccept(LocalId{id})) continue;
      measure_.Prefetch(id, measure_.Row(id));
      waiting_[count_++] = id;
    }
    if (count_ > kWaitingMax - kScanRows) Judge();
  }
  void JudgeSome() {
    if (count_ >= kJudgedTogether || !bounded()) Judge();
  }
  void JudgeAll() { Judge(); }
  // Of as many as are kept.
  size_t missing() const { return kept_ - top_.size(); }
  std::vector<Neighbor> Take() {
    Judge();
    return top_.Take();
  }

 private:
  void Judge() {
    for (size_t at = 0; at < count_; at += 4) {
      const size_t some = std::min<size_t>(4, count_ - at);
      const std::byte* rows[4];
      float distances[4];
      for (size_t i = 0; i < some; ++i) rows[i] = measure_.Row(waiting_[at + i]);
      measure_.Some(waiting_ + at, rows, some, distances);
      for (size_t i = 0; i < some; ++i) {
        const Neighbor candidate{distances[i], LocalId{waiting_[at + i]}};
        if (!top_.WouldEnter(candidate)) continue;
        if (limited_ && measure_.LowerBound(candidate) > limit_) continue;
        if (acceptor_ != nullptr && !acceptor_->Accepts(candidate.id)) continue;
        top_.Add(candidate);
        brought_something_ = true;
      }
    }
    judged_ += count_;
    count_ = 0;
  }

  const Measure measure_;
  const Acceptor* const acceptor_;
  const Acceptor* const sieve_;
  const float limit_;
  const size_t kept_;
  const bool limited_ = std::isfinite(limit_);
  TopK top_;
  uint32_t waiting_[kWaitingMax];
  size_t count_ = 0;
  uint64_t judged_ = 0;
  bool brought_something_ = false;
};

// Codes of fewer bits misplace more rows (docs/adr/0010-codes-of-fewer-bits.md).
size_t KeptFor(const RowCodes& codes, size_t kept) {
  if (codes.bits() == 4) return kept + kept / 2;
  if (codes.bits() == 2) return 4 * kept;
  return kept;
}

}  // namespace

struct IvfIndex::Probe {
  const Query& to_centroids;
  const RabitqQuery& bits;
  float norm;  // the query's square
  const Effort& effort;
  const std::vector<uint32_t>& lists;  // in the order of their distance
};

// Without a bound each row is a candidate: the likeliest are judged first, and then those that they do not rule out.
template <class Candidates>
void IvfIndex::ScanForABound(uint32_t list, const Probe& probe, const ScanQuery& scan_query, uint64_t first,
                             size_t blocks, const PassingPlaces* places, Candidates* candidates) const {
  float lower[kBlocksTogether * kScanRows], ordered[kBlocksTogether * kScanRows];
  ActiveKernels().scan_bounds(scan_query, Blocks(list) + first * block_bytes_, blocks, lower);
  const auto begin = static_cast<uint32_t>(begins_[list] + first * kScanRows);
  const size_t rows = std::min<size_t>(blocks * kScanRows, begins_[list + 1] - begin);
  if (places != nullptr) {
    for (size_t i = 0; i < rows; ++i) {
      const auto block = static_cast<uint32_t>(begin + i / kScanRows * kScanRows);
      if ((places->MaskAt(block) >> i % kScanRows & 1) == 0) lower[i] = kInfinity;
    }
  }
  float likely = kInfinity;
  if (const size_t enough = candidates->missing() + kMoreThanMissing; enough < rows) {
    // No number, if anything, comes last.
    std::transform(lower, lower + rows, ordered, [](float bound) { return bound < kInfinity ? bound : kInfinity; });
    std::nth_element(ordered, ordered + enough, ordered + rows);
    likely = ordered[enough];
  }
  for (size_t i = 0; i < rows; ++i) {
    if (lower[i] < likely) candidates->Add(ids_.data() + begin + i, 1);
  }
  candidates->JudgeAll();
  const float threshold = probe.bits.ThresholdOf(candidates->bound());
  for (size_t i = 0; i < rows; ++i) {
    if (lower[i] >= likely && lower[i] < threshold) candidates->Add(ids_.data() + begin + i, 1);
  }
}

template <class Candidates>
void IvfIndex::ScanList(uint32_t list, const Probe& probe, float deviations, const PassingPlaces* places,
                        Candidates* candidates) const {
  const ScanBlocks scan = ActiveKernels().scan_blocks;
  const float square = probe.to_centroids.DistanceTo(reinterpret_cast<const std::byte*>(Centroid(list).data()));
  const float product = (probe.norm + squares_[list] - square) / 2;
  const ScanQuery scan_query = probe.bits.ForList(square, product, deviations);
  const uint64_t blocks = first_blocks_[list + 1] - first_blocks_[list], rows = begins_[list + 1] - begins_[list];
  size_t some = 0;
  for (uint64_t block = 0; block < blocks; block += some) {
    uint32_t found[kBlocksTogether];
    some = std::min<uint64_t>(kBlocksTogether, blocks - block);
    if (!candidates->bounded()) {
      ScanForABound(list, probe, scan_query, block, some, places, candidates);
      candidates->JudgeSome();
      continue;
    }
    scan(scan_query, Blocks(list) + block * block_bytes_, some, probe.bits.ThresholdOf(candidates->bound()), found);
    // An image may say anything of places behind the last row.
    if (block + some == blocks) found[some - 1] &= ~uint32_t{0} >> (blocks * kScanRows - rows);
    for (size_t i = 0; i < some; ++i) {
      const auto place = static_cast<uint32_t>(begins_[list] + (block + i) * kScanRows);
      candidates->Add(ids_.data() + place, places == nullptr ? found[i] : found[i] & places->MaskAt(place));
    }
    candidates->JudgeSome();
  }
}

// Every row of a list that may pass.
template <class Candidates>
void IvfIndex::JudgePassing(uint32_t list, const PassingPlaces& places, Candidates* candidates) const {
  for (uint32_t place = begins_[list]; place < begins_[list + 1]; place += kScanRows) {
    const uint32_t left = begins_[list + 1] - place;
    const uint32_t here = left < kScanRows ? (uint32_t{1} << left) - 1 : ~uint32_t{0};
    candidates->Add(ids_.data() + place, places.MaskAt(place) & here);
    candidates->JudgeSome();
  }
}

template <class Measure>
std::vector<Neighbor> IvfIndex::Scan(const Measure& measure, const Probe& probe, size_t kept,
                                     const SearchParams& params) const {
  Candidates<Measure> candidates(measure, params, kept);
  Effort effort = probe.effort;
  const double weight = ListWeight();
  double spent = 0, in_vain = 0;
  size_t scanned = 0;
  const auto goes_on = [&] {
    // Of few that pass, those that are wanted may be most.
    return (spent < effort.lists || (params.places != nullptr && !candidates.bounded())) && in_vain <= effort.patience;
  };
  for (; scanned < probe.lists.size() && goes_on(); ++scanned) {
    if (scanned % kListsPerLook == 0 && params.deadline.Expired()) break;
    const uint32_t list = probe.lists[scanned];
    if (scanned + 1 < probe.lists.size()) {
      const uint32_t next = probe.lists[scanned + 1];
      PrefetchRow(Blocks(next), kLinesAhead);
      PrefetchRow(reinterpret_cast<const std::byte*>(Centroid(next).data()), 4);
      PrefetchLine(ids_.data() + begins_[next]);
    }
    const uint64_t rows = begins_[list + 1] - begins_[list];
    const uint64_t passing = params.places == nullptr ? rows : params.places->CountOf(list);
    const double share = params.places == nullptr
                             ? ShareOf({ids_.data() + begins_[list], rows}, params)
                             : static_cast<double>(passing) / std::max(1.0, static_cast<double>(rows));
    // Of what lies apart, centroids say less.
    if (scanned == 0 && share < params.accepted_share / 2) {
      effort = Effort((params.places == nullptr ? kApart : kApartKnown) * params.ef_search);
    }
    if (scanned == 0 && params.places != nullptr) effort.GoAmong(params.accepted_share, kept);
    if (passing == 0) continue;
    if (Measure::kByCodes && passing * kJudgedAtOnce < rows) {
      JudgePassing(list, *params.places, &candidates);
    } else {
      ScanList(list, probe, effort.deviations, params.places, &candidates);
    }
    spent += share * weight;
    in_vain = candidates.BroughtSomething() || !candidates.bounded() ? 0 : in_vain + share * weight;
  }
  std::vector<Neighbor> found = candidates.Take();
  if (params.work != nullptr) {
    params.work->lists += scanned;
    (Measure::kByCodes ? params.work->by_codes : params.work->by_rows) += candidates.judged();
  }
  return found;
}

// By codes only the order of the lists is wanted.
template <class CodeQuery>
std::vector<float> IvfIndex::RankListsByCodes(const CodeQuery& code_query) const {
  std::vector<float> ranks(lists());
  code_query.DistanceToAll(static_cast<const typename CodeQuery::Codes&>(*centroid_codes_), ranks.data());
  return ranks;
}

// Of many lists those of the nearest groups are ranked only, if few are wanted.
template <class CodeQuery>
std::vector<uint32_t> IvfIndex::ChooseByCodes(const CodeQuery& code_query, const Query& to_centroids,
                                              size_t wanted) const {
  if (groups_ == nullptr || kRankedForOne * wanted > lists() / kRankedShare)
    return ChooseLists(RankListsByCodes(code_query), wanted);
  const std::vector<uint32_t> near =
      groups_->Near(to_centroids, format_.distance == Distance::kDot, kRankedForOne * wanted);
  std::vector<float> ranks(near.size());
  code_query.DistanceToThose(static_cast<const typename CodeQuery::Codes&>(*centroid_codes_), near, ranks.data());
  std::vector<uint32_t> chosen = ChooseLists(ranks, wanted);
  for (uint32_t& list : chosen) list = near[list];
  return chosen;
}

std::vector<float> IvfIndex::RankLists(const Query& to_centroids) const {
  std::vector<float> ranks(lists());
  to_centroids.DistanceToRun(reinterpret_cast<const std::byte*>(centroids_.data()), lists(), ranks.data());
  if (format_.distance != Distance::kDot) return ranks;
  // Minus twice the inner product, but for what is the same for all lists.
  for (uint32_t list = 0; list < lists(); ++list) ranks[list] -= squares_[list];
  return ranks;
}

template std::vector<float> IvfIndex::RankListsByCodes(const Sq8Query& code_query) const;

std::vector<Neighbor> IvfIndex::Search(const Query& query, const SearchParams& params) const {
  if (params.top_k == 0 || size() == 0 || params.deadline.Expired()) return {};
  const std::span<const float> values(reinterpret_cast<const float*>(query.prepared()), format_.dim);
  const auto to_centroids = Query::Make({ElementType::kF32, Distance::kL2, format_.dim}, values);
  if (!to_centroids.ok()) return {};
  float norm = 0;
  for (float value : values) norm += value * value;
  if (listed_rows_ != nullptr) return SearchListed(query, *to_centroids, norm, params);
  Effort effort(params.ef_search);
  // What is near enough is known: that the nearest lists bring nothing better says more than it does at the beginning.
  if (std::isfinite(params.bound)) effort.patience /= kPatienceShare;
  const bool filtered = params.acceptor != nullptr && params.accepted_share < 1;
  const size_t wanted = filtered ? lists() : static_cast<size_t>(std::ceil(effort.lists / ListWeight()));
  const RabitqQuery bits(format_.distance, rotation_, center_, values);
  // Some more than asked for, whose distances set the bound: what lies near it is passed over most often.
  const size_t answers = std::max(params.top_k, kAnswersMin), kept = answers + answers / 2 + 1;
  if (codes_ == nullptr || !params.use_codes) {
    const std::vector<uint32_t> chosen = ChooseLists(RankLists(*to_centroids), wanted);
    const Probe probe{*to_centroids, bits, norm, effort, chosen};
    auto found = Scan(RowMeasure(rows_, query.distance(), query.prepared()), probe, kept, params);
    if (found.size() > params.top_k) found.resize(params.top_k);
    return found;
  }
  return ByKind(*codes_, query, [&](const auto& code_query) {
    const std::vector<uint32_t> chosen = ChooseByCodes(code_query, *to_centroids, wanted);
    const Probe probe{*to_centroids, bits, norm, effort, chosen};
    const size_t enough = std::max(KeptFor(*codes_, kept), params.kept_by_codes);
    return AnswersOf(code_query, query, rows_, Scan(CodeMeasure(code_query), probe, enough, params), params);
  });
}

}  // namespace lineal::index
