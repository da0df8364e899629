// Full growing segments hold their rows in memory until they are sealed. Writers that would add to too many of them
// wait, and are refused when that takes too long.
//
// Threads: any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "absl/status/status.h"
#include "base/published.h"
#include "engine/segment/segment.h"

namespace lineal::engine {

struct SealBacklogLimit {
  uint32_t segments_max = 0;  // full growing segments, each of growing_rows_max rows; 0: no limit
  std::chrono::milliseconds wait{10'000};
};

class SealBacklog {
 public:
  SealBacklog(const SealBacklogLimit& limit, const Published<SegmentList>* segments)
      : limit_(limit), segments_(segments) {}

  // Returns when there is room for more rows; RESOURCE_EXHAUSTED of kind overload when there was none in time.
  absl::Status WaitForRoom(uint64_t growing_rows_max);
  // Segments were sealed.
  void Shrunk();

 private:
  uint64_t Rows() const;

  const SealBacklogLimit limit_;
  const Published<SegmentList>* const segments_;
  std::mutex mutex_;
  std::condition_variable shrunk_;
};

}  // namespace lineal::engine
