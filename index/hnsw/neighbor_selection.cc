#include "index/hnsw/neighbor_selection.h"

#include <algorithm>
#include <limits>

namespace lineal::index {

NeighborSelection::Measure::Measure(const RowDistance& distance, const RowView& rows, const Sq8Codes* codes)
    : distance_(distance), rows_(rows), lines_(PrefetchedLines(codes != nullptr ? codes->stride() : rows.row_bytes())) {
  if (codes != nullptr) by_codes_.emplace(*codes);
}

void NeighborSelection::Measure::SetBase(uint32_t id) {
  if (by_codes_) {
    by_codes_->SetRow(id);
  } else {
    base_ = rows_.at(LocalId{id});
  }
}

const std::byte* NeighborSelection::Measure::Row(uint32_t id) const {
  return by_codes_ ? by_codes_->codes().at(id) : rows_.at(LocalId{id});
}

void NeighborSelection::Measure::Some(const uint32_t* ids, const std::byte* const* rows, size_t count,
                                      float* out) const {
  if (by_codes_) {
    by_codes_->DistanceToSome(ids, rows, count, out);
  } else {
    distance_.Many(base_, rows, count, out);
  }
}

// Rounding keeps the cosine of equal rows a little off one.
NeighborSelection::NeighborSelection(const RowFormat& format, const RowView& rows, const Sq8Codes* codes)
    : distance_(RowDistance::BetweenRows(LinkFormat(format)), rows, codes),
      score_(RowDistance::BetweenRows(format), rows, nullptr),
      same_(format.distance == Distance::kCosine ? -0.999999f : 0.0f) {}

bool NeighborSelection::IsCoveredByKept(Measure* measure, const Candidate& candidate) const {
  measure->SetBase(candidate.id);
  for (size_t i = 0; i < kept_.size(); i += 4) {
    const size_t count = std::min<size_t>(4, kept_.size() - i);
    float distances[4];
    measure->Some(kept_.data() + i, kept_rows_.data() + i, count, distances);
    if (*std::min_element(distances, distances + count) < candidate.distance) return true;
  }
  return false;
}

bool NeighborSelection::IsCovered(const Candidate& candidate, std::span<const uint32_t> kept) {
  distance_.SetBase(candidate.id);
  return std::any_of(kept.begin(), kept.end(), [&](uint32_t id) {
    if (id == candidate.id) return false;
    const std::byte* row = distance_.Row(id);
    float distance;
    distance_.Some(&id, &row, 1, &distance);
    return distance < candidate.distance;
  });
}

std::span<const uint32_t> NeighborSelection::SelectBy(Measure* measure, float same,
                                                      std::span<const Candidate> candidates, size_t max) {
  kept_.clear();
  kept_rows_.clear();
  for (const Candidate& candidate : candidates) {
    if (kept_.size() >= max) break;
    if (candidate.distance <= same && kept_.size() >= (max + 1) / 2) continue;
    if (IsCoveredByKept(measure, candidate)) continue;
    kept_.push_back(candidate.id);
    kept_rows_.push_back(measure->Row(candidate.id));
  }
  return kept_;
}

std::span<const uint32_t> NeighborSelection::Select(std::span<const Candidate> candidates, size_t max) {
  return SelectBy(&distance_, same_, candidates, max);
}

std::span<const uint32_t> NeighborSelection::SelectByScore(std::span<const Candidate> candidates, size_t max) {
  return SelectBy(&score_, -std::numeric_limits<float>::infinity(), candidates, max);
}

const std::vector<uint32_t>& NeighborSelection::Choose(uint32_t base, std::span<const uint32_t> ids, size_t max,
                                                       bool by_score) {
  const size_t for_score = by_score ? max / 4 : 0;
  const std::span<const uint32_t> near = Select(Rank(base, ids), max - for_score);
  chosen_.assign(near.begin(), near.end());
  if (for_score == 0) return chosen_;
  RankBy(&score_, base, ids, &ranked_by_score_);
  for (uint32_t id : SelectByScore(ranked_by_score_, for_score)) {
    if (std::find(chosen_.begin(), chosen_.end(), id) == chosen_.end()) chosen_.push_back(id);
  }
  return chosen_;
}

std::span<const Candidate> NeighborSelection::Rank(uint32_t base, std::span<const uint32_t> ids) {
  RankBy(&distance_, base, ids, &ranked_);
  return ranked_;
}

void NeighborSelection::RankBy(Measure* measure, uint32_t base, std::span<const uint32_t> ids,
                               std::vector<Candidate>* ranked) {
  constexpr size_t kAhead = 8;
  measure->SetBase(base);
  for (size_t i = 0; i < std::min(kAhead, ids.size()); ++i) measure->Prefetch(measure->Row(ids[i]));
  ranked->clear();
  for (size_t i = 0; i < ids.size(); i += 4) {
    const size_t count = std::min<size_t>(4, ids.size() - i);
    const std::byte* four[4];
    float distances[4];
    for (size_t j = 0; j < count; ++j) four[j] = measure->Row(ids[i + j]);
    for (size_t j = i + kAhead; j < std::min(i + kAhead + 4, ids.size()); ++j) {
      measure->Prefetch(measure->Row(ids[j]));
    }
    measure->Some(ids.data() + i, four, count, distances);
    for (size_t j = 0; j < count; ++j) ranked->push_back({distances[j], ids[i + j]});
  }
  std::sort(ranked->begin(), ranked->end(), NearerFirst);
}

}  // namespace lineal::index
