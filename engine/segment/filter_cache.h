// What filters let through of a segment that takes no more rows, kept for the next search with the same filter.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/ids.h"
#include "engine/filter/compiled_filter.h"
#include "index/ivf/passing_places.h"

namespace lineal::engine {

// Bounds, and what a search asks of them most often.
class FilteredRows {
 public:
  explicit FilteredRows(FilterBounds bounds);
  // The same rows, `of` being alive no longer than this, with a bit for every row below `rows`.
  FilteredRows(std::shared_ptr<const FilteredRows> of, uint32_t rows);

  const RowSet& upper() const { return of_ ? of_->upper() : bounds_.upper; }
  uint64_t rows_max() const { return rows_max_; }
  uint64_t rows_min() const { return rows_min_; }
  bool has_bits() const { return !bits_.empty(); }
  bool exact() const { return rows_min_ == rows_max_; }  // the bounds are one set
  bool MayPass(LocalId id) const {
    if (bits_.empty()) return upper().contains(Raw(id));
    return bits_[Raw(id) / 64] >> Raw(id) % 64 & 1;
  }
  bool SurelyPasses(LocalId id) const {
    if (of_) return of_->SurelyPasses(id);
    return (exact() ? bounds_.upper : bounds_.lower).contains(Raw(id));
  }
  uint64_t memory_bytes() const;

 private:
  const std::shared_ptr<const FilteredRows> of_;
  const uint64_t rows_max_, rows_min_;
  const FilterBounds bounds_;  // where they are one set, the upper alone
  std::vector<uint64_t> bits_;
};

class FilterCache {
 public:
  explicit FilterCache(uint32_t rows) : rows_(rows) {}

  // Of a filter with this key when as many rows were stale; null if it is not kept. What is found again and again gets
  // a bit a row, where many rows pass.
  std::shared_ptr<const FilteredRows> Find(const std::string& key, uint32_t stale_rows);
  void Keep(const std::string& key, uint32_t stale_rows, std::shared_ptr<const FilteredRows> rows);
  // Where those rows lie in the lists of a vector: as it is kept, or made and kept if `rows` are.
  std::shared_ptr<const index::PassingPlaces> PlacesOf(const std::string& key,
                                                       const std::shared_ptr<const FilteredRows>& rows, uint32_t vector,
                                                       const std::function<index::PassingPlaces()>& make);
  uint64_t memory_bytes() const;

 private:
  struct Entry {
    std::string key;
    uint32_t stale_rows = 0;
    bool found = false;
    std::shared_ptr<const FilteredRows> rows;
    std::map<uint32_t, std::shared_ptr<const index::PassingPlaces>> places;  // by the vector's number
    uint64_t bytes() const;
  };
  std::list<Entry>::iterator EntryOf(const std::string& key);
  void LetGo();
  uint64_t BytesMax() const;

  const uint32_t rows_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the one used last is the first
  uint64_t bytes_ = 0;
};

}  // namespace lineal::engine
