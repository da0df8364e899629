#include "index/quantizers/rescore.h"

#include <algorithm>
#include <type_traits>

#include "index/vectors/prefetch.h"
#include "index/vectors/top_k.h"

namespace lineal::index {
namespace {

constexpr size_t kAhead = 8;

}  // namespace

template <class CodeQuery>
std::vector<Neighbor> Rescore(const CodeQuery& code_query, const Query& query, const RowView& rows,
                              const std::vector<Neighbor>& found, size_t top_k, SearchWork* work) {
  // A row's bound is its own where codes fit some rows better than others: one that is too far away says nothing then
  // of those behind it.
  constexpr bool kOwnBounds = std::is_same_v<CodeQuery, PackedQuery>;
  const size_t lines = PrefetchedLines(rows.row_bytes());
  const auto prefetch = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < std::min(end, found.size()); ++i) PrefetchRow(rows.at(found[i].id), lines);
  };
  TopK top(top_k);
  prefetch(0, kAhead);
  size_t read = 0;
  for (size_t at = 0; at < found.size();) {
    if (!kOwnBounds && code_query.LowerBound(found[at]) > top.bound()) break;
    LocalId ids[4];
    const std::byte* four[4];
    float distances[4];
    size_t count = 0;
    prefetch(at + kAhead, at + kAhead + 4);
    for (; at < found.size() && count < 4; ++at) {
      if (kOwnBounds && code_query.LowerBound(found[at]) > top.bound()) continue;
      ids[count] = found[at].id;
      four[count++] = rows.at(found[at].id);
    }
    query.DistanceToMany(four, count, distances);
    for (size_t i = 0; i < count; ++i) {
      const Neighbor candidate{distances[i], ids[i]};
      if (top.WouldEnter(candidate)) top.Add(candidate);
    }
    read += count;
  }
  if (work != nullptr) {
    work->rescored += read;
    work->by_rows += read;
  }
  return top.Take();
}

template std::vector<Neighbor> Rescore(const Sq8Query&, const Query&, const RowView&, const std::vector<Neighbor>&,
                                       size_t, SearchWork*);
template std::vector<Neighbor> Rescore(const PackedQuery&, const Query&, const RowView&, const std::vector<Neighbor>&,
                                       size_t, SearchWork*);

}  // namespace lineal::index
