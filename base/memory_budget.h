// A bound on what the ledger accounts for: work that would take more is refused until something was given back.
//
// Threads: any.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/memory_ledger.h"

namespace lineal {

class MemoryBudget {
 public:
  // A sixteenth of the limit is not given away, nor what Provisions keep.
  // `limit_bytes` 0: nothing is refused. The ledger is read at most every `sample_ms`.
  MemoryBudget(const MemoryLedger* ledger, uint64_t limit_bytes, const Clock* clock, int64_t sample_ms = 20)
      : ledger_(ledger), limit_bytes_(limit_bytes), clock_(clock), sample_ns_(sample_ms * 1'000'000) {}

  // OK, or RESOURCE_EXHAUSTED of kind overload with what is held, what is asked for and the limit. What was granted
  // since the ledger was read counts as held.
  absl::Status Take(uint64_t bytes);
  uint64_t limit_bytes() const { return limit_bytes_; }
  uint64_t reserve_bytes() const { return limit_bytes_ / 16 + provided_.load(std::memory_order_relaxed); }

  // What background work will take for a while to give back what its owner holds; kept for it. One thread at a time.
  class Provision {
   public:
    explicit Provision(MemoryBudget* budget) : budget_(budget) {}
    Provision(const Provision&) = delete;
    Provision& operator=(const Provision&) = delete;
    ~Provision() { Set(0); }
    void Set(uint64_t bytes);

   private:
    MemoryBudget* const budget_;  // null: nothing is kept
    uint64_t bytes_ = 0;
  };

 private:
  const MemoryLedger* const ledger_;
  const uint64_t limit_bytes_;
  const Clock* const clock_;
  const int64_t sample_ns_;
  std::mutex mutex_;
  int64_t read_at_ns_ = 0;
  bool read_ = false;
  uint64_t held_ = 0;
  uint64_t granted_ = 0;
  std::atomic<uint64_t> provided_{0};
};

}  // namespace lineal
