#include "engine/segment/filter_cache.h"

#include <algorithm>
#include <utility>

namespace lineal::engine {
namespace {

constexpr size_t kEntriesMax = 16;
// For every row, and something for small segments.
constexpr uint64_t kBytesPerRow = 4;
constexpr uint64_t kBytesMin = 64 << 10;
// Of fewer rows, looking them up among themselves is as good.
constexpr uint64_t kBitsFromShare = 64;

}  // namespace

FilteredRows::FilteredRows(FilterBounds bounds)
    : rows_max_(bounds.upper.cardinality()),
      rows_min_(bounds.lower.cardinality()),
      bounds_{rows_min_ == rows_max_ ? RowSet() : std::move(bounds.lower), std::move(bounds.upper)} {}

FilteredRows::FilteredRows(std::shared_ptr<const FilteredRows> of, uint32_t rows)
    : of_(std::move(of)), rows_max_(of_->rows_max_), rows_min_(of_->rows_min_), bits_(size_t{rows} / 64 + 1) {
  for (uint32_t row : of_->upper()) bits_[row / 64] |= uint64_t{1} << row % 64;
}

uint64_t FilteredRows::memory_bytes() const {
  const uint64_t own = bounds_.lower.getSizeInBytes() + bounds_.upper.getSizeInBytes() + 8 * bits_.size();
  return own + (of_ ? of_->memory_bytes() : 0);
}

uint64_t FilterCache::BytesMax() const { return std::max<uint64_t>(kBytesMin, kBytesPerRow * rows_); }

uint64_t FilterCache::Entry::bytes() const {
  uint64_t bytes = key.size() + rows->memory_bytes();
  for (const auto& [vector, known] : places) bytes += known->memory_bytes();
  return bytes;
}

std::list<FilterCache::Entry>::iterator FilterCache::EntryOf(const std::string& key) {
  return std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.key == key; });
}

void FilterCache::LetGo() {
  while (!entries_.empty() && (bytes_ > BytesMax() || entries_.size() > kEntriesMax)) {
    bytes_ -= entries_.back().bytes();
    entries_.pop_back();
  }
}

std::shared_ptr<const FilteredRows> FilterCache::Find(const std::string& key, uint32_t stale_rows) {
  std::shared_ptr<const FilteredRows> rows;
  {
    std::lock_guard lock(mutex_);
    const auto entry = EntryOf(key);
    if (entry == entries_.end() || entry->stale_rows != stale_rows) return nullptr;
    entries_.splice(entries_.begin(), entries_, entry);
    rows = entry->rows;
    const bool as_good = rows->has_bits() || rows->rows_max() < rows_ / kBitsFromShare;
    if (std::exchange(entry->found, true) || as_good) return rows;
  }
  rows = std::make_shared<const FilteredRows>(std::move(rows), rows_);
  Keep(key, stale_rows, rows);
  return rows;
}

void FilterCache::Keep(const std::string& key, uint32_t stale_rows, std::shared_ptr<const FilteredRows> rows) {
  std::lock_guard lock(mutex_);
  Entry fresh{key, stale_rows, false, std::move(rows), {}};
  if (const auto entry = EntryOf(key); entry != entries_.end()) {
    fresh.found = entry->found && entry->stale_rows == stale_rows;
    bytes_ -= entry->bytes();
    entries_.erase(entry);
  }
  bytes_ += fresh.bytes();
  entries_.push_front(std::move(fresh));
  LetGo();
}

std::shared_ptr<const index::PassingPlaces> FilterCache::PlacesOf(const std::string& key,
                                                                  const std::shared_ptr<const FilteredRows>& rows,
                                                                  uint32_t vector,
                                                                  const std::function<index::PassingPlaces()>& make) {
  {
    std::lock_guard lock(mutex_);
    const auto entry = EntryOf(key);
    if (entry != entries_.end() && entry->rows == rows) {
      if (const auto known = entry->places.find(vector); known != entry->places.end()) return known->second;
    }
  }
  auto made = std::make_shared<const index::PassingPlaces>(make());
  std::lock_guard lock(mutex_);
  const auto entry = EntryOf(key);
  if (entry != entries_.end() && entry->rows == rows && entry->places.emplace(vector, made).second) {
    bytes_ += made->memory_bytes();
    LetGo();
  }
  return made;
}

uint64_t FilterCache::memory_bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace lineal::engine
