#include "index/flat/code_scan.h"

#include <algorithm>

#include "index/quantizers/code_query.h"
#include "index/quantizers/rescore.h"
#include "index/vectors/prefetch.h"
#include "index/vectors/top_k.h"

namespace lineal::index {
namespace {

// Rows between two looks at the deadline.
constexpr size_t kBatch = 1'024;
constexpr size_t kAhead = 12;

// Codes of fewer bits misplace more rows.
size_t KeptFor(const RowCodes& codes, const SearchParams& params) {
  const size_t times = codes.bits() == 2 ? 8 : codes.bits() == 4 ? 2 : 1;
  return std::max(times * (2 * params.top_k + 32), params.kept_by_codes);
}

// Offers rows id_of(0) .. id_of(count - 1) by their codes; `listed` ones lie anywhere and are called up ahead.
template <class CodeQuery, class IdOf>
std::vector<Neighbor> Scan(const CodeQuery& code_query, const Query& query, const RowView& rows, size_t count,
                           bool listed, const SearchParams& params, const IdOf& id_of) {
  const typename CodeQuery::Codes& codes = code_query.codes();
  const size_t lines = listed ? PrefetchedLines(codes.stride()) : (codes.stride() + kCacheLine - 1) / kCacheLine;
  TopK top(KeptFor(codes, params));
  size_t at = 0;
  for (; at < count; at += 4) {
    if (at % kBatch == 0 && params.deadline.Expired()) break;
    for (size_t i = at + kAhead; i < std::min(at + kAhead + 4, count); ++i) {
      PrefetchRow(codes.at(id_of(i)), lines);
    }
    const size_t some = std::min<size_t>(4, count - at);
    uint32_t ids[4];
    const std::byte* four[4];
    float distances[4];
    for (size_t i = 0; i < some; ++i) ids[i] = id_of(at + i), four[i] = codes.at(ids[i]);
    code_query.DistanceToSome(ids, four, some, distances);
    const float bound = top.bound();
    for (size_t i = 0; i < some; ++i) {
      const Neighbor candidate{distances[i], LocalId{ids[i]}};
      if (distances[i] > bound || !top.WouldEnter(candidate)) continue;
      if (params.acceptor == nullptr || params.acceptor->Accepts(candidate.id)) top.Add(candidate);
    }
  }
  if (params.work != nullptr) params.work->by_codes += std::min(at, count);
  return AnswersOf(code_query, query, rows, top.Take(), params);
}

}  // namespace

std::vector<Neighbor> ScanListByCodes(const RowCodes& codes, const Query& query, const RowView& rows,
                                      std::span<const LocalId> ids, const SearchParams& params) {
  return ByKind(codes, query, [&](const auto& code_query) {
    return Scan(code_query, query, rows, ids.size(), true, params, [&](size_t i) { return Raw(ids[i]); });
  });
}

std::vector<Neighbor> ScanRangeByCodes(const RowCodes& codes, const Query& query, const RowView& rows, LocalId begin,
                                       LocalId end, const SearchParams& params) {
  const uint32_t first = Raw(begin);
  return ByKind(codes, query, [&](const auto& code_query) {
    return Scan(code_query, query, rows, Raw(end) - first, false, params,
                [first](size_t i) { return first + static_cast<uint32_t>(i); });
  });
}

}  // namespace lineal::index
