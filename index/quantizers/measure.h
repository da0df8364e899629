// By what a search judges how near a row is: by the row itself, or by its codes.
//
// Threads: a value belongs to one search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "index/quantizers/sq8_query.h"
#include "index/vectors/prefetch.h"
#include "index/vectors/row_distance.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

class RowMeasure {
 public:
  static constexpr bool kByCodes = false;
  // `query` is prepared for `distance`.
  RowMeasure(const RowView& rows, const RowDistance& distance, const std::byte* query)
      : rows_(rows), distance_(distance), query_(query), lines_(PrefetchedLines(rows.row_bytes())) {}

  const std::byte* Row(uint32_t id) const { return rows_.at(LocalId{id}); }
  void Prefetch(uint32_t, const std::byte* row) const { PrefetchRow(row, lines_); }
  float One(uint32_t id) const { return distance_.One(query_, Row(id)); }
  // What its distance is hardly ever below.
  float LowerBound(const Neighbor& judged) const { return judged.distance; }
  // `count` is at most 4.
  void Some(const uint32_t*, const std::byte* const* rows, size_t count, float* out) const {
    distance_.Many(query_, rows, count, out);
  }

 private:
  const RowView rows_;
  const RowDistance distance_;
  const std::byte* const query_;
  const size_t lines_;
};

// `CodeQuery` is Sq8Query or PackedQuery.
template <class CodeQuery>
class CodeMeasure {
 public:
  static constexpr bool kByCodes = true;
  explicit CodeMeasure(const CodeQuery& query) : query_(query), lines_(PrefetchedLines(query.codes().stride())) {}

  const std::byte* Row(uint32_t id) const { return query_.codes().at(id); }
  void Prefetch([[maybe_unused]] uint32_t id, const std::byte* row) const {
    PrefetchRow(row, lines_);
    if constexpr (std::is_same_v<CodeQuery, Sq8Query>) PrefetchLine(query_.codes().terms() + id);
  }
  float One(uint32_t id) const { return query_.DistanceTo(id); }
  float LowerBound(const Neighbor& judged) const { return query_.LowerBound(judged); }
  void Some(const uint32_t* ids, const std::byte* const* rows, size_t count, float* out) const {
    query_.DistanceToSome(ids, rows, count, out);
  }

 private:
  const CodeQuery& query_;
  const size_t lines_;
};

}  // namespace lineal::index
