#include "index/hnsw/neighbor_selection.h"

#include <algorithm>
#include <limits>

#include "index/hnsw/prefetch.h"

namespace lineal::index {

// Rounding keeps the cosine of equal rows a little off one.
NeighborSelection::NeighborSelection(const RowFormat& format, const RowView& rows)
    : distance_(RowDistance::BetweenRows(LinkFormat(format))),
      score_(RowDistance::BetweenRows(format)),
      rows_(rows),
      same_(format.distance == Distance::kCosine ? -0.999999f : 0.0f) {}

bool NeighborSelection::IsCoveredByRows(const RowDistance& distance, const Candidate& candidate) const {
  const std::byte* row = rows_.at(LocalId{candidate.id});
  size_t i = 0;
  for (; i + 4 <= kept_rows_.size(); i += 4) {
    float distances[4];
    distance.Four(row, kept_rows_.data() + i, distances);
    if (std::min(std::min(distances[0], distances[1]), std::min(distances[2], distances[3])) < candidate.distance) {
      return true;
    }
  }
  for (; i < kept_rows_.size(); ++i) {
    if (distance.One(row, kept_rows_[i]) < candidate.distance) return true;
  }
  return false;
}

bool NeighborSelection::IsCovered(const Candidate& candidate, std::span<const uint32_t> kept) const {
  const std::byte* row = rows_.at(LocalId{candidate.id});
  return std::any_of(kept.begin(), kept.end(), [&](uint32_t id) {
    return id != candidate.id && distance_.One(row, rows_.at(LocalId{id})) < candidate.distance;
  });
}

std::span<const uint32_t> NeighborSelection::SelectBy(const RowDistance& distance, float same,
                                                      std::span<const Candidate> candidates, size_t max) {
  kept_.clear();
  kept_rows_.clear();
  for (const Candidate& candidate : candidates) {
    if (kept_.size() >= max) break;
    if (candidate.distance <= same && kept_.size() >= (max + 1) / 2) continue;
    if (IsCoveredByRows(distance, candidate)) continue;
    kept_.push_back(candidate.id);
    kept_rows_.push_back(rows_.at(LocalId{candidate.id}));
  }
  return kept_;
}

std::span<const uint32_t> NeighborSelection::Select(std::span<const Candidate> candidates, size_t max) {
  return SelectBy(distance_, same_, candidates, max);
}

std::span<const uint32_t> NeighborSelection::SelectByScore(std::span<const Candidate> candidates, size_t max) {
  return SelectBy(score_, -std::numeric_limits<float>::infinity(), candidates, max);
}

const std::vector<uint32_t>& NeighborSelection::Choose(uint32_t base, std::span<const uint32_t> ids, size_t max,
                                                       bool by_score) {
  const size_t for_score = by_score ? max / 4 : 0;
  const std::span<const uint32_t> near = Select(Rank(base, ids), max - for_score);
  chosen_.assign(near.begin(), near.end());
  if (for_score == 0) return chosen_;
  RankBy(score_, base, ids, &ranked_by_score_);
  for (uint32_t id : SelectByScore(ranked_by_score_, for_score)) {
    if (std::find(chosen_.begin(), chosen_.end(), id) == chosen_.end()) chosen_.push_back(id);
  }
  return chosen_;
}

std::span<const Candidate> NeighborSelection::Rank(uint32_t base, std::span<const uint32_t> ids) {
  RankBy(distance_, base, ids, &ranked_);
  return ranked_;
}

void NeighborSelection::RankBy(const RowDistance& distance, uint32_t base, std::span<const uint32_t> ids,
                               std::vector<Candidate>* ranked) {
  constexpr size_t kAhead = 8;
  const size_t lines = PrefetchedLines(rows_.row_bytes());
  const std::byte* row = rows_.at(LocalId{base});
  for (size_t i = 0; i < std::min(kAhead, ids.size()); ++i) PrefetchRow(rows_.at(LocalId{ids[i]}), lines);
  ranked->clear();
  for (size_t i = 0; i < ids.size(); i += 4) {
    const size_t count = std::min<size_t>(4, ids.size() - i);
    const std::byte* four[4];
    float distances[4];
    for (size_t j = 0; j < count; ++j) four[j] = rows_.at(LocalId{ids[i + j]});
    for (size_t j = i + kAhead; j < std::min(i + kAhead + 4, ids.size()); ++j) {
      PrefetchRow(rows_.at(LocalId{ids[j]}), lines);
    }
    distance.Many(row, four, count, distances);
    for (size_t j = 0; j < count; ++j) ranked->push_back({distances[j], ids[i + j]});
  }
  std::sort(ranked->begin(), ranked->end(), NearerFirst);
}

}  // namespace lineal::index
