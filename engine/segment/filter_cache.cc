#include "engine/segment/filter_cache.h"

#include <algorithm>
#include <utility>

namespace lineal::engine {
namespace {

constexpr size_t kEntriesMax = 16;
// A byte for every row, and something for small segments.
constexpr uint64_t kBytesMin = 64 << 10;
// Of fewer rows, looking them up among themselves is as good.
constexpr uint64_t kBitsFromShare = 64;

}  // namespace

FilteredRows::FilteredRows(FilterBounds bounds)
    : bounds_(std::move(bounds)), rows_max_(bounds_.upper.cardinality()), rows_min_(bounds_.lower.cardinality()) {}

FilteredRows::FilteredRows(std::shared_ptr<const FilteredRows> of, uint32_t rows)
    : of_(std::move(of)), rows_max_(of_->rows_max_), rows_min_(of_->rows_min_), bits_(size_t{rows} / 64 + 1) {
  for (uint32_t row : of_->upper()) bits_[row / 64] |= uint64_t{1} << row % 64;
}

uint64_t FilteredRows::memory_bytes() const {
  const uint64_t own = bounds_.lower.getSizeInBytes() + bounds_.upper.getSizeInBytes() + 8 * bits_.size();
  return own + (of_ ? of_->memory_bytes() : 0);
}

uint64_t FilterCache::BytesMax() const { return std::max<uint64_t>(kBytesMin, rows_); }

std::shared_ptr<const FilteredRows> FilterCache::Find(const std::string& key, uint32_t stale_rows) {
  std::shared_ptr<const FilteredRows> rows;
  {
    std::lock_guard lock(mutex_);
    const auto entry = std::ranges::find_if(entries_, [&](const Entry& e) { return e.key == key; });
    if (entry == entries_.end() || entry->stale_rows != stale_rows) return nullptr;
    entries_.splice(entries_.begin(), entries_, entry);
    rows = entry->rows;
    if (std::exchange(entry->found, true) || rows->rows_max() < rows_ / kBitsFromShare) return rows;
  }
  rows = std::make_shared<const FilteredRows>(std::move(rows), rows_);
  Keep(key, stale_rows, rows);
  return rows;
}

void FilterCache::Keep(const std::string& key, uint32_t stale_rows, std::shared_ptr<const FilteredRows> rows) {
  const auto bytes_of = [](const Entry& entry) { return entry.key.size() + entry.rows->memory_bytes(); };
  std::lock_guard lock(mutex_);
  Entry fresh{key, stale_rows, false, std::move(rows)};
  const auto entry = std::ranges::find_if(entries_, [&](const Entry& e) { return e.key == key; });
  if (entry != entries_.end()) {
    fresh.found = entry->found && entry->stale_rows == stale_rows;
    bytes_ -= bytes_of(*entry);
    entries_.erase(entry);
  }
  bytes_ += bytes_of(fresh);
  entries_.push_front(std::move(fresh));
  while (!entries_.empty() && (bytes_ > BytesMax() || entries_.size() > kEntriesMax)) {
    bytes_ -= bytes_of(entries_.back());
    entries_.pop_back();
  }
}

uint64_t FilterCache::memory_bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace lineal::engine
