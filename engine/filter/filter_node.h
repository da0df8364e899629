// The parts of a compiled filter: one object for each condition and one for each group of them.
//
// Threads: const members from any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/filter/compiled_filter.h"

namespace lineal::engine {

// What is asked: a point, or within it one element of an array under a nested condition.
struct FilterSubject {
  const PointFacts* point = nullptr;
  const Value* element = nullptr;  // null outside nested conditions
  const Value& payload() const { return element ? *element : point->payload(); }
};

class FilterNode {
 public:
  virtual ~FilterNode() = default;
  virtual bool Passes(const FilterSubject& subject) const = 0;
  // Within a nested condition a row stands for any of its elements: `upper` then holds every row with an element that
  // may pass, and `lower` nothing, since no two conditions are known to hold for the same element.
  virtual FilterBounds Bounds(const SegmentFacts& segment) const = 0;
};

// Where a condition stands: the collection's fields, and the key of the nested condition around it ("" for none).
struct FilterContext {
  const std::map<std::string, FieldSchema>* fields = nullptr;
  std::string prefix;
  bool nested() const { return !prefix.empty(); }
  std::string FullKey(const std::string& key) const { return nested() ? prefix + "." + key : key; }
};

using FilterNodePtr = std::unique_ptr<const FilterNode>;

// A group of conditions. The filter keeps the limits of CheckFilterLimits().
absl::StatusOr<FilterNodePtr> MakeGroup(const Filter& filter, const FilterContext& context);
// Any single condition; an inner filter is a group.
absl::StatusOr<FilterNodePtr> MakeCondition(const Condition& condition, const FilterContext& context);

inline RowSet AllRows(const SegmentFacts& segment) {
  RowSet rows;
  rows.addRange(0, segment.rows());
  return rows;
}
// Bounds that say nothing.
inline FilterBounds UnknownBounds(const SegmentFacts& segment) { return {RowSet(), AllRows(segment)}; }

}  // namespace lineal::engine
