#include "index/flat/code_scan.h"

#include <algorithm>

#include "index/quantizers/rescore.h"
#include "index/quantizers/sq8_query.h"
#include "index/vectors/prefetch.h"
#include "index/vectors/top_k.h"

namespace lineal::index {
namespace {

// Rows between two looks at the deadline.
constexpr size_t kBatch = 1'024;
constexpr size_t kAhead = 12;

size_t KeptFor(size_t top_k) { return 2 * top_k + 32; }

}  // namespace

std::vector<Neighbor> ScanListByCodes(const Sq8Codes& codes, const Query& query, const RowView& rows,
                                      std::span<const LocalId> ids, const SearchParams& params) {
  const Sq8Query code_query(codes, query);
  const size_t lines = PrefetchedLines(codes.stride());
  TopK top(KeptFor(params.top_k));
  for (size_t at = 0; at < ids.size(); at += 4) {
    if (at % kBatch == 0 && params.deadline.Expired()) break;
    for (size_t i = at + kAhead; i < std::min(at + kAhead + 4, ids.size()); ++i) {
      PrefetchRow(codes.at(Raw(ids[i])), lines);
    }
    const size_t count = std::min<size_t>(4, ids.size() - at);
    uint32_t four_ids[4];
    const std::byte* four[4];
    float distances[4];
    for (size_t i = 0; i < count; ++i) four_ids[i] = Raw(ids[at + i]), four[i] = codes.at(four_ids[i]);
    code_query.DistanceToSome(four_ids, four, count, distances);
    for (size_t i = 0; i < count; ++i) {
      const Neighbor candidate{distances[i], ids[at + i]};
      if (!top.WouldEnter(candidate)) continue;
      if (params.acceptor == nullptr || params.acceptor->Accepts(candidate.id)) top.Add(candidate);
    }
  }
  return Rescore(code_query, query, rows, top.Take(), params.top_k);
}

}  // namespace lineal::index
