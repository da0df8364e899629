// Filters that pass a given share of the rows: every row has a number of its own, in random order, as its payload, and
// a filter passes a range of numbers. Which rows pass has nothing to do with where they lie.
//
// Threads: plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lineal/v1/filter.pb.h"

namespace lineal::bench {

inline constexpr char kNumberField[] = "number";

// The number of each row, 0 to rows - 1.
std::vector<uint32_t> NumberRows(size_t rows, uint64_t seed);
std::string NumberPayload(uint32_t number);  // JSON

// Passes rows with numbers in [begin, end).
struct NumberFilter {
  size_t begin = 0, end = 0;

  bool Passes(uint32_t number) const { return begin <= number && number < end; }
  v1::Filter Message() const;
  std::string Json() const;  // as REST has it
};

// `count` different ranges over `rows` numbers, evenly spaced, each of which passes `share` of them (at least one row).
// They overlap where count * share is above 1; there are fewer where not so many begin at different numbers.
std::vector<NumberFilter> NumberFilters(double share, size_t rows, size_t count);

}  // namespace lineal::bench
