#include "index/hnsw/neighbor_selection.h"

#include <algorithm>

#include "index/hnsw/prefetch.h"

namespace lineal::index {

// Rounding keeps the cosine of equal rows a little off one.
NeighborSelection::NeighborSelection(const RowFormat& link_format, const RowView& rows)
    : distance_(RowDistance::BetweenRows(link_format)),
      rows_(rows),
      same_(link_format.distance == Distance::kCosine ? -0.999999f : 0.0f) {}

bool NeighborSelection::IsCoveredByRows(const Candidate& candidate) const {
  const std::byte* row = rows_.at(LocalId{candidate.id});
  size_t i = 0;
  for (; i + 4 <= kept_rows_.size(); i += 4) {
    float distances[4];
    distance_.Four(row, kept_rows_.data() + i, distances);
    if (std::min(std::min(distances[0], distances[1]), std::min(distances[2], distances[3])) < candidate.distance) {
      return true;
    }
  }
  for (; i < kept_rows_.size(); ++i) {
    if (distance_.One(row, kept_rows_[i]) < candidate.distance) return true;
  }
  return false;
}

bool NeighborSelection::IsCovered(const Candidate& candidate, std::span<const uint32_t> kept) const {
  const std::byte* row = rows_.at(LocalId{candidate.id});
  return std::any_of(kept.begin(), kept.end(), [&](uint32_t id) {
    return id != candidate.id && distance_.One(row, rows_.at(LocalId{id})) < candidate.distance;
  });
}

std::span<const uint32_t> NeighborSelection::Select(std::span<const Candidate> candidates, size_t max) {
  kept_.clear();
  kept_rows_.clear();
  for (const Candidate& candidate : candidates) {
    if (kept_.size() >= max) break;
    if (candidate.distance <= same_ && kept_.size() >= (max + 1) / 2) continue;
    if (IsCoveredByRows(candidate)) continue;
    kept_.push_back(candidate.id);
    kept_rows_.push_back(rows_.at(LocalId{candidate.id}));
  }
  return kept_;
}

std::span<const Candidate> NeighborSelection::Rank(uint32_t base, std::span<const uint32_t> ids) {
  constexpr size_t kAhead = 8;
  const size_t lines = PrefetchedLines(rows_.row_bytes());
  const std::byte* row = rows_.at(LocalId{base});
  for (size_t i = 0; i < std::min(kAhead, ids.size()); ++i) PrefetchRow(rows_.at(LocalId{ids[i]}), lines);
  ranked_.clear();
  for (size_t i = 0; i < ids.size(); i += 4) {
    const size_t count = std::min<size_t>(4, ids.size() - i);
    const std::byte* four[4];
    float distances[4];
    for (size_t j = 0; j < count; ++j) four[j] = rows_.at(LocalId{ids[i + j]});
    for (size_t j = i + kAhead; j < std::min(i + kAhead + 4, ids.size()); ++j) {
      PrefetchRow(rows_.at(LocalId{ids[j]}), lines);
    }
    distance_.Many(row, four, count, distances);
    for (size_t j = 0; j < count; ++j) ranked_.push_back({distances[j], ids[i + j]});
  }
  std::sort(ranked_.begin(), ranked_.end(), NearerFirst);
  return ranked_;
}

}  // namespace lineal::index
