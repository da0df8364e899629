// Which of many near nodes a node is linked to (algorithm 4 of the paper, without refilling from the discarded): one is
// kept unless some node kept before is nearer to it than the base is. So links spread over directions instead of all
// leading into the nearest cluster. Rows equal to the base take half of the links at most, or many equal rows would
// keep to themselves.
//
// The inner product is no metric: links chosen by it all lead to the longest vectors, and the others cannot be reached.
// So near nodes are those by L2 then, and a quarter of the links are chosen by the inner product beside them (if
// lengths vary), to lead a search to the long ones.
//
// Threads: one at a time (it keeps buffers); any number of selections run while others insert.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "index/hnsw/beam.h"
#include "index/quantizers/sq8_query.h"
#include "index/vectors/prefetch.h"
#include "index/vectors/row_distance.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

// The distance by which nodes are near each other.
inline RowFormat LinkFormat(RowFormat format) {
  if (format.distance == Distance::kDot) format.distance = Distance::kL2;
  return format;
}

class NeighborSelection {
 public:
  // With `codes` near nodes are ranked by them; not under the inner product. They outlive this.
  NeighborSelection(const RowFormat& format, const RowView& rows, const Sq8Codes* codes);

  // At most `max` of `candidates`, which are sorted by the distance of LinkFormat, nearest to the base first. Valid
  // until the next call.
  std::span<const uint32_t> Select(std::span<const Candidate> candidates, size_t max);
  // The same by the format's own distance, for the inner product.
  std::span<const uint32_t> SelectByScore(std::span<const Candidate> candidates, size_t max);
  // The best of `ids` as links of `base`, at most `max`; with `by_score`, a quarter of them by the format's own
  // distance. Valid until the next call. ranked() is what it chose from, nearest first.
  const std::vector<uint32_t>& Choose(uint32_t base, std::span<const uint32_t> ids, size_t max, bool by_score);
  std::span<const Candidate> ranked() const { return ranked_; }

  // Distances from `base` to each of `ids`, sorted, nearest first. Valid until the next call.
  std::span<const Candidate> Rank(uint32_t base, std::span<const uint32_t> ids);
  // Whether `candidate`, of that rank, would be discarded for one of `kept`.
  bool IsCovered(const Candidate& candidate, std::span<const uint32_t> kept);

 private:
  // From one row, the base, to others.
  class Measure {
   public:
    Measure(const RowDistance& distance, const RowView& rows, const Sq8Codes* codes);
    void SetBase(uint32_t id);
    const std::byte* Row(uint32_t id) const;
    void Prefetch(const std::byte* row) const { PrefetchRow(row, lines_); }
    // `count` is at most 4.
    void Some(const uint32_t* ids, const std::byte* const* rows, size_t count, float* out) const;

   private:
    const RowDistance distance_;
    const RowView rows_;
    const std::byte* base_ = nullptr;
    std::optional<Sq8Query> by_codes_;
    const size_t lines_;
  };

  std::span<const uint32_t> SelectBy(Measure* measure, float same, std::span<const Candidate> candidates, size_t max);
  static void RankBy(Measure* measure, uint32_t base, std::span<const uint32_t> ids, std::vector<Candidate>* ranked);
  bool IsCoveredByKept(Measure* measure, const Candidate& candidate) const;

  Measure distance_;
  Measure score_;
  // At or below it two rows are the same.
  const float same_;
  std::vector<uint32_t> kept_;
  std::vector<const std::byte*> kept_rows_;
  std::vector<Candidate> ranked_, ranked_by_score_;
  std::vector<uint32_t> chosen_;
};

// Nearest first; ties by id, so that one thread always builds the same graph.
inline bool NearerFirst(const Candidate& a, const Candidate& b) {
  return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
}

}  // namespace lineal::index
