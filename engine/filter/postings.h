// A dictionary of terms, each with the numbers (rows, or texts) it occurs in: gathered, written, and read in place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "engine/filter/row_list.h"

namespace lineal::engine {

inline constexpr size_t kPostingsSections = 4;

// Threads: one at a time.
class PostingsBuilder {
 public:
  // Numbers do not fall from one call to the next.
  void Add(std::string_view term, uint32_t number);
  uint64_t memory_bytes() const;
  // Appends kPostingsSections sections.
  void Finish(uint32_t limit, std::vector<std::string>* sections) const;

 private:
  StringMap<uint32_t> terms_;
  uint64_t term_bytes_ = 0;                                 // of terms that do not fit into a string itself
  std::vector<std::pair<uint32_t, uint32_t>> occurrences_;  // term, number
};

// Borrows the image. Threads: const members from any thread.
class Postings {
 public:
  // Nothing if the sections are not what a builder wrote.
  static std::optional<Postings> Parse(const std::string_view* sections, uint32_t limit);

  size_t terms() const { return term_ends_.size(); }
  std::optional<size_t> Find(std::string_view term) const;
  std::string_view TermAt(size_t term) const;
  void AddTo(size_t term, RowSet* numbers) const;
  uint64_t CountOf(size_t term) const { return ListOf(term).count(); }
  RowList ListOf(size_t term) const;
  uint64_t memory_bytes() const;

 private:
  std::string_view ListBytes(size_t term) const;

  uint32_t limit_ = 0;
  PackedArray<uint64_t> term_ends_;
  std::string_view term_bytes_;
  PackedArray<uint64_t> list_ends_;
  std::string_view list_bytes_;
  absl::flat_hash_map<size_t, RowSet> dense_;  // the long lists as sets
};

}  // namespace lineal::engine
