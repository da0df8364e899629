#include <algorithm>
#include <bit>
#include <utility>

#include "index/ivf/effort.h"
#include "index/ivf/ivf_index.h"
#include "index/ivf/list_choice.h"
#include "index/kernels/active_kernels.h"
#include "index/quantizers/rescore.h"
#include "index/vectors/prefetch.h"
#include "index/vectors/top_k.h"

namespace lineal::index {
namespace {

// Rows that wait for their eight-bit codes to come from memory, and how many are judged at once.
constexpr size_t kWaitingMax = 64;
constexpr size_t kJudgedTogether = 16;
constexpr size_t kBlocksTogether = 16;
constexpr size_t kLinesAhead = 16;  // of the next list
constexpr size_t kListsPerLook = 16;

// What a scan has found, by eight-bit codes.
class Candidates {
 public:
  Candidates(const Sq8Query& query, std::span<const LocalId> ids, const Acceptor* acceptor, size_t kept)
      : query_(query), ids_(ids), acceptor_(acceptor), top_(kept), lines_(PrefetchedLines(query.codes().stride())) {}

  float bound() const { return top_.bound(); }
  bool bounded() const { return bound() < std::numeric_limits<float>::infinity(); }

  // The rows at places begin + i for every bit i of `rows`.
  void Add(uint32_t begin, uint32_t rows) {
    for (; rows != 0; rows &= rows - 1) {
      const uint32_t place = begin + static_cast<uint32_t>(std::countr_zero(rows));
      PrefetchRow(query_.codes().at(place), lines_);
      PrefetchLine(query_.codes().terms() + place);
      waiting_[count_++] = place;
    }
    if (count_ > kWaitingMax - kScanRows) Judge(count_);
  }
  void JudgeSome() {
    if (count_ >= kJudgedTogether || !bounded()) Judge(count_);
  }
  // Whether anything has been found since this was last asked.
  bool BroughtSomething() { return std::exchange(brought_something_, false); }
  std::vector<Neighbor> Take() {
    Judge(count_);
    return top_.Take();
  }

 private:
  void Judge(size_t count) {
    for (size_t at = 0; at < count; at += 4) {
      const size_t some = std::min<size_t>(4, count - at);
      const std::byte* rows[4];
      float distances[4];
      for (size_t i = 0; i < some; ++i) rows[i] = query_.codes().at(waiting_[at + i]);
      query_.DistanceToSome(waiting_ + at, rows, some, distances);
      for (size_t i = 0; i < some; ++i) {
        const Neighbor candidate{distances[i], ids_[waiting_[at + i]]};
        if (!top_.WouldEnter(candidate)) continue;
        if (acceptor_ != nullptr && !acceptor_->Accepts(candidate.id)) continue;
        top_.Add(candidate);
        brought_something_ = true;
      }
    }
    count_ = 0;
  }

  const Sq8Query& query_;
  const std::span<const LocalId> ids_;
  const Acceptor* const acceptor_;
  TopK top_;
  const size_t lines_;
  uint32_t waiting_[kWaitingMax];
  size_t count_ = 0;
  bool brought_something_ = false;
};

}  // namespace

std::vector<Neighbor> IvfIndex::Search(const Query& query, const SearchParams& params) const {
  if (params.top_k == 0 || size() == 0 || params.deadline.Expired()) return {};
  const std::span<const float> values(reinterpret_cast<const float*>(query.prepared()), format_.dim);
  const auto to_centroids = Query::Make({ElementType::kF32, Distance::kL2, format_.dim}, values);
  if (!to_centroids.ok()) return {};
  float norm = 0;
  for (float value : values) norm += value * value;

  const Sq8Query code_query(*codes_, query);
  const Effort effort(params);
  std::vector<float> ranks(lists());
  code_query.DistanceToAll(*centroid_codes_, ranks.data());
  const std::vector<uint32_t> chosen = ChooseLists(ranks, effort.lists);

  const RabitqQuery bits(format_.distance, rotation_, center_, values);
  const ScanBlocks scan = ActiveKernels().scan_blocks;
  Candidates candidates(code_query, ids_, params.acceptor, params.top_k + params.top_k / 2 + 1);
  size_t in_vain = 0;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (i % kListsPerLook == 0 && params.deadline.Expired()) break;
    const uint32_t list = chosen[i];
    if (i + 1 < chosen.size()) {
      PrefetchRow(Blocks(chosen[i + 1]), kLinesAhead);
      PrefetchRow(reinterpret_cast<const std::byte*>(Centroid(chosen[i + 1]).data()), 4);
    }
    const float square = to_centroids->DistanceTo(reinterpret_cast<const std::byte*>(Centroid(list).data()));
    const float product = (norm + squares_[list] - square) / 2;
    const ScanQuery scan_query = bits.ForList(square, product, effort.deviations);
    const uint64_t blocks = first_blocks_[list + 1] - first_blocks_[list];
    size_t some = 0;
    for (uint64_t block = 0; block < blocks; block += some) {
      uint32_t found[kBlocksTogether];
      // One by one until there is a bound: each row is a candidate without one.
      some = std::min<uint64_t>(candidates.bounded() ? kBlocksTogether : 1, blocks - block);
      scan(scan_query, Blocks(list) + block * block_bytes_, some, bits.ThresholdOf(candidates.bound()), found);
      for (size_t j = 0; j < some; ++j) {
        candidates.Add(begins_[list] + static_cast<uint32_t>((block + j) * kScanRows), found[j]);
      }
      candidates.JudgeSome();
    }
    in_vain = candidates.BroughtSomething() || !candidates.bounded() ? 0 : in_vain + 1;
    if (in_vain > effort.patience) break;
  }
  return Rescore(code_query, query, rows_, candidates.Take(), params.top_k);
}

}  // namespace lineal::index
