// Which of many near nodes a node is linked to (algorithm 4 of the paper, without refilling from the discarded): one is
// kept unless some node kept before is nearer to it than the base is. So links spread over directions instead of all
// leading into the nearest cluster. Rows equal to the base take half of the links at most, or many equal rows would
// keep to themselves.
//
// Threads: one at a time (it keeps buffers); any number of selections run while others insert.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/hnsw/beam.h"
#include "index/vectors/row_distance.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

// The distance a graph is built by. For the inner product that is L2: it is no metric, and links chosen by it all lead
// to the longest vectors, until the others cannot be reached. A search by inner product over L2 links finds both.
inline RowFormat LinkFormat(RowFormat format) {
  if (format.distance == Distance::kDot) format.distance = Distance::kL2;
  return format;
}

class NeighborSelection {
 public:
  NeighborSelection(const RowFormat& link_format, const RowView& rows);

  // At most `max` of `candidates`, which are sorted, nearest to the base first. Valid until the next call.
  std::span<const uint32_t> Select(std::span<const Candidate> candidates, size_t max);
  // Distances from `base` to each of `ids`, sorted, nearest first. Valid until the next call.
  std::span<const Candidate> Rank(uint32_t base, std::span<const uint32_t> ids);
  float Between(uint32_t a, uint32_t b) const { return distance_.One(rows_.at(LocalId{a}), rows_.at(LocalId{b})); }
  // Whether `candidate` would be discarded for one of `kept`.
  bool IsCovered(const Candidate& candidate, std::span<const uint32_t> kept) const;

 private:
  bool IsCoveredByRows(const Candidate& candidate) const;

  const RowDistance distance_;
  const RowView rows_;
  // At or below it two rows are the same.
  const float same_;
  std::vector<uint32_t> kept_;
  std::vector<const std::byte*> kept_rows_;
  std::vector<Candidate> ranked_;
};

// Nearest first; ties by id, so that one thread always builds the same graph.
inline bool NearerFirst(const Candidate& a, const Candidate& b) {
  return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
}

}  // namespace lineal::index
