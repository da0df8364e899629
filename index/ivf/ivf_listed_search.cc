// Searching lists whose rows lie in a file. The one-bit codes order the rows of the nearest lists by what they guess;
// rows are then read in two rounds: those that may be as near as the answers are guessed to be, and, where the
// distances of these show that answers lie farther away, those that may be as near as that.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "base/status.h"
#include "index/ivf/effort.h"
#include "index/ivf/ivf_index.h"
#include "index/ivf/list_choice.h"
#include "index/ivf/listed_rows.h"
#include "index/kernels/active_kernels.h"
#include "index/quantizers/rabitq_guess.h"
#include "index/quantizers/sq8_codes.h"
#include "index/quantizers/sq8_query.h"
#include "index/vectors/growing_rows.h"
#include "index/vectors/top_k.h"

namespace lineal::index {
namespace {

constexpr size_t kBlocksTogether = 16;
constexpr size_t kListsPerLook = 16;
// Times wider than asked for, where the rows that pass lie apart from the query.
constexpr size_t kApart = 16;
// As many answers as with fewer the search would end too early.
constexpr size_t kAnswersMin = 10;
// Distances that are computed at once.
constexpr size_t kRowsTogether = 64;

struct Guess {
  float estimate, error;
  uint32_t place;
  friend bool operator<(const Guess& a, const Guess& b) {
    return a.estimate != b.estimate ? a.estimate < b.estimate : a.place < b.place;
  }
};

// What has been read, and the nearest of it.
class ReadRows {
 public:
  ReadRows(const ListedRows& rows, std::span<const LocalId> ids, const Query& query, const SearchParams& params)
      : rows_(rows), ids_(ids), query_(query), params_(params), top_(params.top_k) {}

  float bound() const { return top_.bound(); }
  bool Has(uint32_t place) const {
    const auto after =
        std::upper_bound(runs_.begin(), runs_.end(), place, [](uint32_t at, const Run& run) { return at < run.begin; });
    return after != runs_.begin() && place < (after - 1)->end;
  }
  // `places` in any order, none of which has been read.
  absl::Status Read(std::vector<uint32_t> places) {
    std::sort(places.begin(), places.end());
    fresh_.clear();
    LINEAL_RETURN_IF_ERROR(rows_.Read(
        places, [this](uint32_t place, const std::byte* rows, uint32_t count) { Judge(place, rows, count); },
        params_.work));
    runs_.insert(runs_.end(), fresh_.begin(), fresh_.end());
    std::sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) { return a.begin < b.begin; });
    return absl::OkStatus();
  }
  std::vector<Neighbor> Take() { return top_.Take(); }

 private:
  struct Run {
    uint32_t begin, end;
  };
  void Judge(uint32_t place, const std::byte* rows, uint32_t count) {
    const size_t row_bytes = query_.format().row_bytes();
    float distances[kRowsTogether];
    for (uint32_t at = 0; at < count;) {
      const uint32_t some = std::min<uint32_t>(kRowsTogether, count - at);
      query_.DistanceToRun(rows + at * row_bytes, some, distances);
      for (uint32_t i = 0; i < some; ++i) Offer(distances[i], place + at + i);
      at += some;
    }
    params_.work->by_rows += count;
    fresh_.push_back({place, place + count});
  }
  void Offer(float distance, uint32_t place) {
    const Neighbor candidate{distance, ids_[place]};
    if (!top_.WouldEnter(candidate) || Has(place)) return;
    if (params_.acceptor == nullptr || params_.acceptor->Accepts(candidate.id)) top_.Add(candidate);
  }

  const ListedRows& rows_;
  const std::span<const LocalId> ids_;
  const Query& query_;
  const SearchParams& params_;
  TopK top_;
  std::vector<Run> runs_, fresh_;  // ascending; of earlier rounds, and of this one
};

}  // namespace

// The rows that codes let through, none of which the acceptor refuses.
struct IvfIndex::Guesses {
  explicit Guesses(size_t answers) : top(answers) {}
  // Whether it is among the nearest so far.
  bool Add(const Guess& guess, LocalId id) {
    if (acceptor != nullptr && !acceptor->Accepts(id)) return false;
    all.push_back(guess);
    const Neighbor candidate{guess.estimate, id};
    if (!top.WouldEnter(candidate)) return false;
    top.Add(candidate);
    return true;
  }
  bool bounded() const { return top.bound() < std::numeric_limits<float>::infinity(); }

  const Acceptor* acceptor = nullptr;
  TopK top;
  std::vector<Guess> all;
};

void IvfIndex::AttachListedRows(std::shared_ptr<const ListedRows> rows) {
  listed_rows_ = std::move(rows);
  const RowFormat format{ElementType::kF32, format_.distance, format_.dim};
  if (!CanQuantize(format)) return;
  const RegionRows centroids(reinterpret_cast<const std::byte*>(centroids_.data()), format.row_bytes());
  centroid_codes_ = Sq8Codes::Build(format, centroids.view(), lists(), [](LocalId) { return true; });
}

void IvfIndex::ScanForGuesses(const Query& query, const Query& to_centroids, const RabitqQuery& bits, float norm,
                              const SearchParams& params, Guesses* guesses) const {
  const ScanBlocks scan = ActiveKernels().scan_blocks;
  Effort effort(params.ef_search);
  const bool filtered = params.acceptor != nullptr && params.accepted_share < 1;
  const size_t wanted = filtered ? lists() : static_cast<size_t>(std::ceil(effort.lists / ListWeight()));
  const auto* centroid_codes = static_cast<const Sq8Codes*>(centroid_codes_.get());
  const std::vector<uint32_t> chosen = ChooseLists(
      centroid_codes != nullptr ? RankListsByCodes(Sq8Query(*centroid_codes, query)) : RankLists(to_centroids), wanted);
  const double weight = ListWeight();
  double spent = 0, in_vain = 0;
  size_t scanned = 0;
  for (; scanned < chosen.size() && spent < effort.lists && in_vain <= effort.patience; ++scanned) {
    if (scanned % kListsPerLook == 0 && params.deadline.Expired()) break;
    const uint32_t list = chosen[scanned];
    const float square = to_centroids.DistanceTo(reinterpret_cast<const std::byte*>(Centroid(list).data()));
    const ScanQuery scan_query = bits.ForList(square, (norm + squares_[list] - square) / 2, effort.deviations);
    const uint64_t blocks = first_blocks_[list + 1] - first_blocks_[list], rows = begins_[list + 1] - begins_[list];
    bool brought_something = false;
    size_t some = 0;
    for (uint64_t block = 0; block < blocks; block += some) {
      uint32_t found[kBlocksTogether];
      some = std::min<uint64_t>(guesses->bounded() ? kBlocksTogether : 1, blocks - block);
      scan(scan_query, Blocks(list) + block * block_bytes_, some, guesses->top.bound(), found);
      if (block + some == blocks) found[some - 1] &= ~uint32_t{0} >> (blocks * kScanRows - rows);
      for (size_t i = 0; i < some; ++i) {
        for (uint32_t left = found[i]; left != 0; left &= left - 1) {
          const auto slot = static_cast<uint32_t>(std::countr_zero(left));
          const RabitqGuess guess = GuessOf(scan_query, Blocks(list) + (block + i) * block_bytes_, slot);
          const auto place = static_cast<uint32_t>(begins_[list] + (block + i) * kScanRows + slot);
          if (guess.estimate - guess.error >= guesses->top.bound()) continue;
          brought_something |= guesses->Add({guess.estimate, guess.error, place}, ids_[place]);
        }
      }
    }
    const double share = ShareOf({ids_.data() + begins_[list], rows}, params);
    if (scanned == 0 && share < params.accepted_share / 2) effort = Effort(kApart * params.ef_search);
    spent += share * weight;
    in_vain = brought_something || !guesses->bounded() ? 0 : in_vain + share * weight;
  }
  params.work->lists += scanned;
}

std::vector<Neighbor> IvfIndex::SearchListed(const Query& query, const Query& to_centroids, float norm,
                                             const SearchParams& params) const {
  LINEAL_CHECK(params.work != nullptr);
  const std::span<const float> values(reinterpret_cast<const float*>(query.prepared()), format_.dim);
  const RabitqQuery bits(format_.distance, rotation_, center_, values);
  const size_t answers = std::max(params.top_k, kAnswersMin);
  Guesses guesses(answers);
  guesses.acceptor = params.acceptor;
  ScanForGuesses(query, to_centroids, bits, norm, params, &guesses);
  std::vector<Guess>& all = guesses.all;
  const ReadEffort effort(params.ef_search, answers);
  const size_t most = std::min(all.size(), effort.rows_max);
  std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(most), all.end());

  ReadRows read(*listed_rows_, ids_, query, params);
  // The first round goes by what the last of the answers is guessed to be, the second by what it has turned out to be.
  float bound = guesses.top.bound();
  for (const float share : {effort.share_first, effort.share_second}) {
    std::vector<uint32_t> places;
    for (size_t i = 0; i < most; ++i) {
      const bool among_the_best = i < answers;
      if (!among_the_best && all[i].estimate - share * all[i].error >= bound) continue;
      if (!read.Has(all[i].place)) places.push_back(all[i].place);
    }
    params.work->rescored += places.size();
    params.work->failure.Update(read.Read(std::move(places)));
    if (!params.work->failure.ok()) return {};
    bound = bits.ThresholdOf(read.bound());
  }
  return read.Take();
}

}  // namespace lineal::index
