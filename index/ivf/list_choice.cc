#include "index/ivf/list_choice.h"

#include <algorithm>

namespace lineal::index {
namespace {

constexpr size_t kBins = 1'024;
// Rows of a list that are asked whether they pass a filter, to guess how many of it do.
constexpr size_t kAsked = 8;

}  // namespace

std::vector<uint32_t> ChooseLists(std::span<const float> ranks, size_t wanted) {
  wanted = std::min(wanted, ranks.size());
  float least = ranks[0], greatest = ranks[0];
  for (float rank : ranks) {
    least = std::min(least, rank);
    greatest = std::max(greatest, rank);
  }
  const float scale = greatest > least ? (kBins - 1) / (greatest - least) : 0.0f;
  // Beyond all numbers comes last.
  const auto bin_of = [&](float rank) {
    const float place = (rank - least) * scale;
    return place >= 0 && place < kBins ? static_cast<uint32_t>(place) : static_cast<uint32_t>(kBins - 1);
  };
  uint32_t ends[kBins] = {};
  for (float rank : ranks) ++ends[bin_of(rank)];
  uint32_t last = 0, before = 0;
  for (; before + ends[last] < wanted; ++last) {
    const uint32_t size = ends[last];
    ends[last] = before;
    before += size;
  }
  std::vector<uint32_t> chosen(before + ends[last] + 1);
  ends[last] = before;
  const auto rest = static_cast<uint32_t>(chosen.size() - 1);  // where all others are written, one over the other
  for (uint32_t list = 0; list < ranks.size(); ++list) {
    const uint32_t bin = bin_of(ranks[list]);
    const bool taken = bin <= last;
    chosen[taken ? ends[bin] : rest] = list;
    ends[bin] += taken;
  }
  chosen.resize(wanted);
  return chosen;
}

double ShareOf(std::span<const LocalId> ids, const SearchParams& params) {
  if (params.acceptor == nullptr || params.accepted_share >= 1 || ids.empty()) return 1;
  const size_t step = std::max<size_t>(1, ids.size() / kAsked);
  size_t asked = 0, passing = 0;
  for (size_t i = step / 2; i < ids.size(); i += step, ++asked) passing += params.acceptor->MayAccept(ids[i]);
  return static_cast<double>(passing) / static_cast<double>(std::max<size_t>(asked, 1));
}

}  // namespace lineal::index
