#include "engine/segment/column_pass.h"

#include <algorithm>

#include "engine/segment/vector_column.h"
#include "index/flat/flat_search.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kPieceBytes = uint64_t{4} << 20;
// Single rows that are asked for at once.
constexpr size_t kIdsTogether = 256;

uint32_t PieceOf(const VectorColumn& column) {
  return static_cast<uint32_t>(std::max<uint64_t>(1, kPieceBytes / column.rows().row_bytes()));
}

}  // namespace

ColumnPasses::~ColumnPasses() {
  for (const auto& [column, pass] : passes_) column->Advise(Residence::kGivenBack, pass.begin, pass.asked);
}

void ColumnPasses::Come(const VectorColumn& column, LocalId id) {
  if (column.memory() != VectorMemory::kCold) return;
  Pass& pass = passes_[&column];
  const uint32_t piece = PieceOf(column);
  if (Raw(id) + piece / 2 < pass.asked || pass.asked == column.capacity()) return;
  column.Advise(Residence::kGivenBack, pass.begin, std::min(Raw(id), pass.asked));
  pass.begin = Raw(id);
  pass.asked = static_cast<uint32_t>(std::min<uint64_t>(column.capacity(), uint64_t{Raw(id)} + piece));
  column.Advise(Residence::kSoon, pass.begin, pass.asked);
}

void ForEachPiece(const VectorColumn& column, uint32_t rows, const std::function<bool(LocalId, LocalId)>& visit) {
  if (rows == 0) return;
  if (column.memory() != VectorMemory::kCold) {
    visit(LocalId{0}, LocalId{rows});
    return;
  }
  const uint32_t piece = PieceOf(column);
  column.Advise(Residence::kSoon, 0, std::min(piece, rows));
  bool going_on = true;
  for (uint64_t begin = 0; begin < rows && going_on; begin += piece) {
    const auto end = static_cast<uint32_t>(std::min<uint64_t>(rows, begin + piece));
    column.Advise(Residence::kSoon, end, static_cast<uint32_t>(std::min<uint64_t>(rows, uint64_t{end} + piece)));
    going_on = visit(LocalId{static_cast<uint32_t>(begin)}, LocalId{end});
    column.Advise(Residence::kGivenBack, static_cast<uint32_t>(begin), end);
  }
}

void MergeNearest(const std::vector<index::Neighbor>& more, size_t top_k, std::vector<index::Neighbor>* found) {
  const auto middle = static_cast<ptrdiff_t>(found->size());
  found->insert(found->end(), more.begin(), more.end());
  std::inplace_merge(found->begin(), found->begin() + middle, found->end());
  if (found->size() > top_k) found->resize(top_k);
}

std::vector<index::Neighbor> ScanColumn(const VectorColumn& column, const index::Query& query, uint32_t rows,
                                        const index::SearchParams& params) {
  std::vector<index::Neighbor> found;
  ForEachPiece(column, rows, [&](LocalId begin, LocalId end) {
    MergeNearest(index::ScanRange(query, column.rows(), begin, end, params), params.top_k, &found);
    return !params.deadline.Expired();
  });
  return found;
}

std::vector<index::Neighbor> ScanColumn(const VectorColumn& column, const index::Query& query,
                                        std::span<const LocalId> ids, const index::SearchParams& params) {
  if (column.memory() != VectorMemory::kCold) return index::ScanList(query, column.rows(), ids, params);
  std::vector<index::Neighbor> found;
  for (; !ids.empty() && !params.deadline.Expired(); ids = ids.subspan(std::min(kIdsTogether, ids.size()))) {
    const std::span<const LocalId> some = ids.first(std::min(kIdsTogether, ids.size()));
    for (LocalId id : some) column.Advise(Residence::kSoon, Raw(id), Raw(id) + 1);
    MergeNearest(index::ScanList(query, column.rows(), some, params), params.top_k, &found);
    column.Advise(Residence::kGivenBack, Raw(some.front()), Raw(some.back()) + 1);
  }
  return found;
}

}  // namespace lineal::engine
