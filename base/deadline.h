// How long a request may go on, and whether its caller still wants it. Looked at every few hundred distances.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "base/clock.h"

namespace lineal {

// Copied freely; copies share the cancellation. Threads: any.
class Deadline {
 public:
  // Never expires, cannot be cancelled.
  Deadline() = default;
  static Deadline AfterMs(const Clock* clock, int64_t ms) {
    const int64_t bounded_ms = ms < kMsMax ? ms : kMsMax;
    return Deadline(clock, clock->MonotonicNs() + bounded_ms * 1'000'000, std::make_shared<std::atomic<bool>>(false));
  }

  void Cancel() const {
    if (cancelled_) cancelled_->store(true, std::memory_order_relaxed);
  }
  bool Expired() const {
    if (!clock_) return false;
    return cancelled_->load(std::memory_order_relaxed) || clock_->MonotonicNs() >= at_ns_;
  }
  // OK, CANCELLED or DEADLINE_EXCEEDED.
  absl::Status Check() const;

 private:
  // A century: more milliseconds than this would not fit into nanoseconds.
  static constexpr int64_t kMsMax = int64_t{100} * 365 * 24 * 3600 * 1000;

  Deadline(const Clock* clock, int64_t at_ns, std::shared_ptr<std::atomic<bool>> cancelled)
      : clock_(clock), at_ns_(at_ns), cancelled_(std::move(cancelled)) {}
  const Clock* clock_ = nullptr;
  int64_t at_ns_ = 0;
  std::shared_ptr<std::atomic<bool>> cancelled_;
};

}  // namespace lineal
