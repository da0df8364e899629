#include "base/memory_ledger.h"

#include <utility>

namespace lineal {

MemoryLedger::Charge& MemoryLedger::Charge::operator=(Charge&& other) noexcept {
  if (this == &other) return *this;
  Set(0);
  ledger_ = std::exchange(other.ledger_, nullptr);
  owner_ = std::move(other.owner_);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

void MemoryLedger::Charge::Set(uint64_t bytes) {
  if (ledger_ == nullptr || bytes == bytes_) return;
  ledger_->Adjust(owner_, static_cast<int64_t>(bytes) - static_cast<int64_t>(bytes_));
  bytes_ = bytes;
}

void MemoryLedger::Adjust(const MemoryOwner& owner, int64_t delta) {
  std::lock_guard lock(mutex_);
  auto it = bytes_.try_emplace(owner, 0).first;
  it->second += static_cast<uint64_t>(delta);
  if (it->second == 0) bytes_.erase(it);
}

std::vector<MemoryLedger::Line> MemoryLedger::Lines() const {
  std::lock_guard lock(mutex_);
  std::vector<Line> lines;
  for (const auto& [owner, bytes] : bytes_) lines.push_back({owner, bytes});
  return lines;
}

uint64_t MemoryLedger::total_bytes() const {
  std::lock_guard lock(mutex_);
  uint64_t total = 0;
  for (const auto& [owner, bytes] : bytes_) total += bytes;
  return total;
}

}  // namespace lineal
