// Time as a parameter. Nothing outside base/ asks the operating system what time it is.
#pragma once

#include <atomic>
#include <cstdint>

namespace lineal {

// Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970 by the wall; may step.
  virtual int64_t WallMs() const = 0;
  // Nanoseconds from some start; never goes back.
  virtual int64_t MonotonicNs() const = 0;
};

Clock* SystemClock();

// Processor time that the calling thread has used so far.
int64_t ThreadCpuNs();

// A clock that moves when it is told to.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(int64_t wall_ms = 1'000'000'000'000) : ns_(wall_ms * 1'000'000) {}
  int64_t WallMs() const override { return ns_.load() / 1'000'000; }
  int64_t MonotonicNs() const override { return ns_.load(); }
  void AdvanceMs(int64_t ms) { ns_ += ms * 1'000'000; }

 private:
  std::atomic<int64_t> ns_;
};

}  // namespace lineal
