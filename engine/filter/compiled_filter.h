// A filter made ready: paths parsed, values sorted, limits checked. It answers for one point from its payload, and for
// a whole segment from the segment's payload indexes, as bounds.
//
// Threads: const members from any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/filter.h"
#include "engine/api/schema.h"
#include "engine/filter/row_set.h"

namespace lineal::engine {

class FieldIndex;

// One point as a filter sees it.
class PointFacts {
 public:
  virtual ~PointFacts() = default;
  virtual PointId id() const = 0;
  virtual const Value& payload() const = 0;  // an object; read from storage on first use
  virtual bool HasVector(std::string_view name) const = 0;
};

// What a segment knows without reading payloads. Sets hold LocalIds below rows().
class SegmentFacts {
 public:
  virtual ~SegmentFacts() = default;
  virtual uint32_t rows() const = 0;
  // The index of the field with that key path, or null.
  virtual const FieldIndex* Field(std::string_view key) const = 0;
  // Rows whose payload is not (only) the one that was indexed: what an index says of them is not believed.
  virtual const RowSet& stale_rows() const = 0;
  // Every row, of any version, of these points.
  virtual RowSet RowsOf(const std::vector<PointId>& ids) const = 0;
  virtual RowSet RowsWithVector(std::string_view name) const = 0;
};

// lower ⊆ rows that pass ⊆ upper. Rows between the two are to be asked one by one.
struct FilterBounds {
  RowSet lower;
  RowSet upper;
};

// A condition that each row which passes fulfils, and whether its texts are compared as UUIDs.
struct MustHold {
  FieldCondition condition;
  bool as_uuid = false;
};

class CompiledFilter {
 public:
  // INVALID_ARGUMENT for a broken key path; OUT_OF_RANGE kind beyond the limits of engine/api/filter.h.
  // `fields` are the collection's payload indexes (used during the call only): texts of a field declared uuid are
  // compared as UUIDs. Without them they are compared as they are, and uuid indexes are not used.
  static absl::StatusOr<std::shared_ptr<const CompiledFilter>> Compile(
      const Filter& filter, const std::map<std::string, FieldSchema>* fields = nullptr);
  virtual ~CompiledFilter() = default;

  virtual bool passes_all() const = 0;  // an empty filter
  virtual bool Passes(const PointFacts& point) const = 0;
  virtual FilterBounds Bounds(const SegmentFacts& segment) const = 0;
  // Alike for filters whose bounds are alike in any segment; empty where bounds depend on more than what a sealed
  // segment knows, or the filter is too long to be worth remembering.
  virtual const std::string& key() const = 0;
  // Conditions that stand alone for the whole of it.
  virtual const std::vector<MustHold>& must_hold() const = 0;
};

}  // namespace lineal::engine
