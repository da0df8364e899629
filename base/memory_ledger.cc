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

MemoryLedger::Probe::Probe(MemoryLedger* ledger, MemoryOwner owner, std::function<uint64_t()> count) : ledger_(ledger) {
  if (ledger_ == nullptr) return;
  std::lock_guard lock(ledger_->probes_mutex_);
  number_ = ledger_->next_probe_++;
  ledger_->probes_.emplace(number_, Asked{std::move(owner), std::move(count)});
}

MemoryLedger::Probe& MemoryLedger::Probe::operator=(Probe&& other) noexcept {
  if (this == &other) return *this;
  Drop();
  ledger_ = std::exchange(other.ledger_, nullptr);
  number_ = other.number_;
  return *this;
}

void MemoryLedger::Probe::Drop() {
  if (ledger_ == nullptr) return;
  std::lock_guard lock(ledger_->probes_mutex_);
  ledger_->probes_.erase(number_);
  ledger_ = nullptr;
}

std::vector<MemoryLedger::Line> MemoryLedger::Lines() const {
  std::map<MemoryOwner, uint64_t> bytes;
  {
    std::lock_guard probes_lock(probes_mutex_);
    for (const auto& [number, asked] : probes_) bytes[asked.owner] += asked.count();
    std::lock_guard lock(mutex_);
    for (const auto& [owner, held] : bytes_) bytes[owner] += held;
  }
  std::vector<Line> lines;
  for (const auto& [owner, held] : bytes) {
    if (held > 0) lines.push_back({owner, held});
  }
  return lines;
}

uint64_t MemoryLedger::total_bytes() const {
  uint64_t total = 0;
  for (const Line& line : Lines()) total += line.bytes;
  return total;
}

void WorkingMemory::Part::Set(uint64_t bytes) {
  if (of_ == nullptr || bytes == bytes_) return;
  std::lock_guard lock(of_->mutex_);
  of_->charge_.Set(of_->charge_.bytes() + bytes - bytes_);
  bytes_ = bytes;
}

uint64_t WorkingMemory::bytes() const {
  std::lock_guard lock(mutex_);
  return charge_.bytes();
}

}  // namespace lineal
