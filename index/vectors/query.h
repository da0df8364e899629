// A query made ready: its components in the form the kernels want, and the kernels bound once.
//
// Threads: const members from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "index/vectors/row_distance.h"
#include "index/vectors/row_format.h"

namespace lineal::index {

class Query {
 public:
  // Checks and prepares `values` as EncodeRow does (cosine queries are normalised); same errors.
  static absl::StatusOr<Query> Make(const RowFormat& format, std::span<const float> values);
  // A stored row as the query (for building graphs and for queries by id).
  static Query FromRow(const RowFormat& format, const std::byte* row);

  Query(Query&&) noexcept;
  Query& operator=(Query&&) noexcept;
  ~Query();

  const RowFormat& format() const;
  // For loops that do their own batching: distance().Four(prepared(), rows, out). Valid as long as this query.
  const RowDistance& distance() const;
  const std::byte* prepared() const;

  float DistanceTo(const std::byte* row) const;
  // out[i] = distance to rows[i].
  void DistanceToMany(const std::byte* const* rows, size_t count, float* out) const;
  // out[i] = distance to the row at base + i * row_bytes.
  void DistanceToRun(const std::byte* base, size_t count, float* out) const;

 private:
  struct Rep;
  explicit Query(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

// Between two stored rows.
float DistanceBetween(const RowFormat& format, const std::byte* a, const std::byte* b);

}  // namespace lineal::index
