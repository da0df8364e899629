// What a shard needs done next, read off its segments.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/segment/query_samples.h"
#include "engine/segment/segment.h"

namespace lineal::engine {

enum class TaskKind { kIndexTail, kSeal, kComplete, kMerge, kVacuum, kCalibrate };
std::string_view NameOf(TaskKind kind);

struct TaskChoice {
  TaskKind kind;
  SegmentList inputs;
  uint64_t rows = 0;
  uint32_t vector = 0;  // kIndexTail: its number
};

// Writing full growing segments out of memory: short, and before anything else.
std::optional<TaskChoice> ChooseSeal(const SegmentList& segments);
// Putting the newest rows of the growing segment into lists: short as well.
std::optional<TaskChoice> ChooseListing(const SegmentList& segments, const TableSchema& schema);
// Everything that builds: graphs and payload indexes that are missing, segments with too many dead rows, segments that
// should be one, history that nobody can see any more, the tail of the growing segment that is not in its graph yet.
std::optional<TaskChoice> ChooseBuild(const SegmentList& segments, const TableSchema& schema, Seq floor);
// When nothing is to be built: a segment whose graphs' recall is to be measured (engine/optimizer/recall_measure.h).
std::optional<TaskChoice> ChooseCalibration(const SegmentList& segments, const QuerySamples* samples);

}  // namespace lineal::engine
