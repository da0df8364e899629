// Making segments out of segments: sealing, merging, taking out the dead, building graphs and payload indexes.
//
// Threads: one compaction of a given segment at a time; reads and writes go on.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "base/executor.h"
#include "engine/shard/shard.h"

namespace lineal::engine {

struct CompactionOptions {
  Executor* executor = nullptr;  // for building graphs; null: on the calling thread
  size_t parallelism = 1;
  const std::atomic<bool>* cancelled = nullptr;
  std::atomic<uint64_t>* done_rows = nullptr;  // rows put into graphs
  bool build_graphs = true;                    // false: packed files and lists only, graphs later
  // In ascending order: rows that go if they are dead, whoever might still ask for them. They stay in the data, and
  // nothing that was learnt of them is carried over.
  std::span<const RowId> erased;
};

// Replaces `inputs` by one sealed segment with their live rows, and a history segment with those dead rows that a read
// may still ask for; rows that nobody can see any more are purged. A graph that covers most of the rows is carried over
// and added to rather than built anew. CANCELLED leaves everything as it was.
absl::Status Compact(Shard& shard, const SegmentList& inputs, const CompactionOptions& options);

// Adds to one sealed segment, in place, the graphs and payload indexes that the schema wants and it lacks.
absl::Status CompleteIndexes(Shard& shard, const std::shared_ptr<const Segment>& segment,
                             const CompactionOptions& options);

// Measures the recall of the segment's graphs where that is due, and keeps it beside them. A file that cannot be
// written is not missed: it is measured anew after a restart.
absl::Status Calibrate(Shard& shard, const Segment& segment, const std::atomic<bool>* cancelled);

// Whether a sealed segment lacks a graph that the schema wants.
bool LacksIndex(const Segment& segment, const TableSchema& schema);
// Whether a segment that takes no rows lacks a payload index that the schema wants, or has one that it does not.
bool FieldsDiffer(const Segment& segment, const TableSchema& schema);
// Whether a sealed segment has a graph that was built otherwise than the schema wants.
bool IndexDiffers(const Segment& segment, const TableSchema& schema);
// Whether vectors of the segment are kept in memory, or out of it, otherwise than the schema wants.
bool MemoryDiffers(const Segment& segment, const TableSchema& schema);
// Whether a sealed segment's lists are beside lists of other tenants than the schema wants, or of none.
bool TenantsDiffer(const Segment& segment, const TableSchema& schema);
// Whether a sealed segment's graph has codes that the schema does not want, or lacks those that it wants.
bool CodesDiffer(const Segment& segment, const TableSchema& schema);

}  // namespace lineal::engine
