// Trying again what may succeed later: with growing pauses, or for as long as the other side asked.
//
// Threads: one at a time for each Retrier.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "base/random.h"

namespace lineal::cli {

struct RetryPolicy {
  int attempts_max = 8;
  int64_t pause_ms = 250;  // before the second attempt; doubled each time, plus or minus a quarter
  int64_t pause_max_ms = 30'000;
};

// Whether waiting may help: UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED but for a full disk.
bool MayPass(const absl::Status& status);

class Retrier {
 public:
  // `pause` waits that many milliseconds.
  Retrier(const RetryPolicy& policy, uint64_t seed, std::function<void(int64_t ms)> pause);
  static Retrier WithSleep(const RetryPolicy& policy = {});

  // Calls `attempt` until it is OK, fails for good or the attempts are used up; then its last status. An attempt sets
  // `*wait_s` when it was told how long to wait.
  absl::Status Run(const std::function<absl::Status(int64_t* wait_s)>& attempt);

 private:
  RetryPolicy policy_;
  Random random_;
  std::function<void(int64_t)> pause_;
};

}  // namespace lineal::cli
