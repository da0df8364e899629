#include "index/quantizers/rescore.h"

#include <algorithm>

#include "index/vectors/prefetch.h"
#include "index/vectors/top_k.h"

namespace lineal::index {
namespace {

constexpr size_t kAhead = 8;

}  // namespace

std::vector<Neighbor> Rescore(const Sq8Query& code_query, const Query& query, const RowView& rows,
                              const std::vector<Neighbor>& found, size_t top_k, SearchWork* work) {
  const size_t lines = PrefetchedLines(rows.row_bytes());
  const auto prefetch = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < std::min(end, found.size()); ++i) PrefetchRow(rows.at(found[i].id), lines);
  };
  TopK top(top_k);
  prefetch(0, kAhead);
  size_t at = 0;
  for (; at < found.size(); at += 4) {
    if (code_query.LowerBound(found[at].distance) > top.bound()) break;
    prefetch(at + kAhead, at + kAhead + 4);
    const size_t count = std::min<size_t>(4, found.size() - at);
    const std::byte* four[4];
    float distances[4];
    for (size_t i = 0; i < count; ++i) four[i] = rows.at(found[at + i].id);
    query.DistanceToMany(four, count, distances);
    for (size_t i = 0; i < count; ++i) {
      const Neighbor candidate{distances[i], found[at + i].id};
      if (top.WouldEnter(candidate)) top.Add(candidate);
    }
  }
  if (work != nullptr) {
    work->rescored += std::min(at, found.size());
    work->by_rows += std::min(at, found.size());
  }
  return top.Take();
}

}  // namespace lineal::index
