#include "base/memory_budget.h"

#include "base/status.h"

namespace lineal {

absl::Status MemoryBudget::Take(uint64_t bytes) {
  if (limit_bytes_ == 0) return absl::OkStatus();
  std::lock_guard lock(mutex_);
  const int64_t now_ns = clock_->MonotonicNs();
  if (!read_ || now_ns - read_at_ns_ >= sample_ns_) {
    held_ = ledger_->total_bytes();
    granted_ = 0;
    read_at_ns_ = now_ns;
    read_ = true;
  }
  const uint64_t reserved = reserve_bytes();
  if (held_ + granted_ + bytes + reserved > limit_bytes_) {
    return MakeError(ErrorKind::kOverload,
                     StrCat("memory: ", held_ + granted_, " bytes are held and the write needs about ", bytes,
                            ", memory_limit_bytes is ", limit_bytes_, ", of which ", reserved,
                            " are kept for background work; try again after a moment, or delete points"));
  }
  granted_ += bytes;
  return absl::OkStatus();
}

void MemoryBudget::Provision::Set(uint64_t bytes) {
  if (budget_ == nullptr || bytes == bytes_) return;
  budget_->provided_.fetch_add(bytes - bytes_, std::memory_order_relaxed);
  bytes_ = bytes;
}

}  // namespace lineal
