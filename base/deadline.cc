#include "base/deadline.h"

namespace lineal {

absl::Status Deadline::Check() const {
  if (!Expired()) return absl::OkStatus();
  if (cancelled_->load(std::memory_order_relaxed)) return absl::CancelledError("the caller has gone");
  return absl::DeadlineExceededError("the request's deadline has passed");
}

}  // namespace lineal
