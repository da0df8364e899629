// Measures what searches of a sealed segment's graph find: widths from 16 to 1,024, with and without filters, against
// exact answers, for queries like those that users send.
//
// The queries: recent ones of users, where there are enough of them; else also stored rows, each left out of the graph
// and of the answers while it is asked for, since otherwise the walk would find it, and its links would be the answer.
//
// Threads: one measurement at a time; searches go on.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "engine/segment/query_samples.h"
#include "engine/segment/segment.h"

namespace lineal::engine {

// `samples` may be null. CANCELLED if told to stop.
absl::StatusOr<RecallTable> MeasureRecall(const Segment& segment, uint32_t vector_number, const QuerySamples* samples,
                                          const std::atomic<bool>* cancelled);

// Whether a vector's graph has never been measured as it is, was so when fewer rows were dead by a tenth of all, or for
// queries that users have left behind.
bool RecallIsDue(const Segment& segment, uint32_t vector_number, const QuerySamples* samples);

}  // namespace lineal::engine
