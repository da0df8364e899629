// Takes notes of a search as it goes from segment to segment, and makes its explanation of them.
//
// Threads: one search's.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/api/explain.h"
#include "engine/api/filter.h"
#include "engine/database/collection_reads.h"
#include "engine/segment/segment_read.h"

namespace lineal::engine {

class ExplainedSearch {
 public:
  explicit ExplainedSearch(const Clock* clock) : clock_(clock), began_ns_(clock->MonotonicNs()) {}

  // Around the search of each part, in the order of the parts.
  SearchTrace* Begin(const CollectionReads::Part& part);
  void End(size_t found);
  // After all: counts what passes. `shard_ids` are those of the views, in their order.
  void Finish(const CollectionReads& reads, const std::vector<ShardId>& shard_ids, uint32_t vector_number,
              SearchExplain* out);

 private:
  struct Note {
    const CollectionReads::Part* part;
    SearchTrace trace;
    size_t found = 0;
    int64_t began_ns = 0, ended_ns = 0;
  };

  const Clock* const clock_;
  const int64_t began_ns_;
  std::deque<Note> notes_;
};

// What would make searches with this filter cheaper: a sentence for each condition whose field no payload index knows.
std::vector<std::string> AdviceFor(const Filter& filter, const TableSchema& schema);

}  // namespace lineal::engine
