#include "index/flat/flat_search.h"

#include <algorithm>

#include "index/vectors/top_k.h"

namespace lineal::index {
namespace {

// Distances between two looks at the deadline; their rows and results stay in the first-level cache.
constexpr size_t kBatch = 256;
// Random rows on their way from memory at any time; 8 to 16 take a row from 35 to 17 ns.
constexpr size_t kAhead = 12;

void Offer(const Neighbor& candidate, const SearchParams& params, TopK* top) {
  if (!top->WouldEnter(candidate)) return;
  if (params.acceptor == nullptr || params.acceptor->Accepts(candidate.id)) top->Add(candidate);
}

void PrefetchRow(const std::byte* row, size_t bytes) {
  // The lines beyond the first few are fetched by the processor itself, once it sees the run. As inline assembly,
  // because GCC 12 drops some prefetches in loops.
  for (size_t i = 0; i < std::min<size_t>(bytes, 512); i += 64) asm volatile("prefetcht0 %0" : : "m"(row[i]));
}

}  // namespace

std::vector<Neighbor> ScanRange(const Query& query, const RowView& rows, LocalId begin, LocalId end,
                                const SearchParams& params) {
  TopK top(params.top_k);
  float distances[kBatch];
  for (uint64_t at = Raw(begin); at < Raw(end);) {
    if (params.deadline.Expired()) break;
    const LocalId first{static_cast<uint32_t>(at)};
    const size_t count = std::min<uint64_t>({kBatch, Raw(end) - at, rows.rows_left_in_chunk(first)});
    query.DistanceToRun(rows.at(first), count, distances);
    const float bound = top.bound();
    for (size_t i = 0; i < count; ++i) {
      if (distances[i] <= bound) Offer({distances[i], LocalId{static_cast<uint32_t>(at + i)}}, params, &top);
    }
    at += count;
    if (params.work != nullptr) params.work->by_rows += count;
  }
  return top.Take();
}

std::vector<Neighbor> ScanList(const Query& query, const RowView& rows, std::span<const LocalId> ids,
                               const SearchParams& params) {
  TopK top(params.top_k);
  const RowDistance& distance = query.distance();
  for (size_t at = 0; at < ids.size(); at += 4) {
    if (at % kBatch == 0 && params.deadline.Expired()) break;
    for (size_t i = at + kAhead; i < std::min(at + kAhead + 4, ids.size()); ++i) {
      PrefetchRow(rows.at(ids[i]), rows.row_bytes());
    }
    const size_t count = std::min<size_t>(4, ids.size() - at);
    const std::byte* four[4];
    float distances[4];
    for (size_t i = 0; i < count; ++i) four[i] = rows.at(ids[at + i]);
    distance.Many(query.prepared(), four, count, distances);
    for (size_t i = 0; i < count; ++i) Offer({distances[i], ids[at + i]}, params, &top);
    if (params.work != nullptr) params.work->by_rows += count;
  }
  return top.Take();
}

}  // namespace lineal::index
