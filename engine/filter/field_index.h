// The payload index of one field in one segment. Two kinds: a column that grows with the growing segment, and an
// inverted one that is built when a segment is sealed, saved, and mapped.
//
// Threads: const members from any thread. A FieldColumn has one writer; readers see rows below the count they pass.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "base/io.h"
#include "engine/api/filter.h"
#include "engine/api/schema.h"
#include "engine/filter/row_set.h"

namespace lineal::engine {

class FieldIndex {
 public:
  virtual ~FieldIndex() = default;
  virtual FieldType type() const = 0;
  // Rows below `rows` that pass the test; nothing if this type of index cannot answer it (a range over a keyword).
  virtual std::optional<RowSet> Match(const FieldCondition& condition, uint32_t rows) const = 0;
  // Rows below `rows` where the field is missing, null or [], and where it is null.
  virtual std::optional<RowSet> Empty(uint32_t rows) const = 0;
  virtual std::optional<RowSet> Null(uint32_t rows) const = 0;
  // Each term (engine/filter/field_query.h) that at least `rows_min` rows have, and those rows. Only sealed indexes of
  // keyword, uuid and bool fields know; others call nothing.
  virtual void ForEachTerm(uint64_t /*rows_min*/,
                           const std::function<void(std::string_view term, const RowSet& rows)>& /*visit*/) const {}
  virtual uint64_t rows_with_value() const = 0;
  virtual uint64_t memory_bytes() const = 0;
  // The mapped image that it answers from; empty for one in memory of its own.
  virtual std::string_view image() const = 0;
};

// The growing kind: values are taken from payloads in LocalId order.
class FieldColumn : public FieldIndex {
 public:
  static std::unique_ptr<FieldColumn> Create(std::string_view key, const FieldSchema& schema, uint32_t capacity);
  // The payload of the next LocalId (an object, or null for none).
  virtual void Append(const Value& payload) = 0;
};

// The sealed kind.
class FieldIndexBuilder {
 public:
  static std::unique_ptr<FieldIndexBuilder> Create(std::string_view key, const FieldSchema& schema);
  virtual ~FieldIndexBuilder() = default;
  virtual void Append(const Value& payload) = 0;
  // Of what was gathered so far.
  virtual uint64_t memory_bytes() const = 0;
  // A checksummed image.
  virtual absl::Status Save(ByteSink* sink) = 0;
};
// DATA_LOSS for a damaged image or one of another key or type.
absl::StatusOr<std::unique_ptr<FieldIndex>> LoadFieldIndex(std::shared_ptr<const MappedRegion> image,
                                                           std::string_view key, const FieldSchema& schema);

}  // namespace lineal::engine
