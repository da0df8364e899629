#include "clients/cli/retry.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/status.h"

namespace lineal::cli {

bool MayPass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return KindOf(status) != ErrorKind::kDiskFull;
    default:
      return false;
  }
}

Retrier::Retrier(const RetryPolicy& policy, uint64_t seed, std::function<void(int64_t ms)> pause)
    : policy_(policy), random_(seed), pause_(std::move(pause)) {}

Retrier Retrier::WithSleep(const RetryPolicy& policy) {
  return Retrier(policy, SystemSeed(), [](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); });
}

absl::Status Retrier::Run(const std::function<absl::Status(int64_t* wait_s)>& attempt) {
  int64_t pause_ms = policy_.pause_ms;
  for (int tries = 1;; ++tries) {
    int64_t wait_s = 0;
    absl::Status status = attempt(&wait_s);
    if (status.ok() || !MayPass(status)) return status;
    if (tries >= policy_.attempts_max) return Annotate(status, StrCat("given up after ", tries, " attempts"));
    const auto spread = static_cast<double>(pause_ms) * (0.75 + 0.5 * random_.Unit());
    pause_(std::min(std::max(static_cast<int64_t>(spread), wait_s * 1000), policy_.pause_max_ms));
    pause_ms = std::min(pause_ms * 2, policy_.pause_max_ms);
  }
}

}  // namespace lineal::cli
