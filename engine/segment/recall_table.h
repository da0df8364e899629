// What the searches of one graph find at each width, as measured on sample queries against exact answers; and the other
// way round, how wide a search must be to find enough.
//
// A target is taken for reached where the measured recall is above it by 1.65 standard errors, so that 19 of 20
// measurements of a graph that falls short say so. Between measured widths the logarithm of what is missed runs
// straight over the logarithm of the width.
//
// Threads: immutable once filled; any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace lineal::engine {

// By the share of rows that pass: a walk under a filter goes further and finds other things.
enum class FilterBand : uint8_t { kNone, kMost, kSome, kFew };  // no filter; from 50 %; from 10 %; less
inline constexpr size_t kFilterBands = 4;
FilterBand BandOf(uint64_t matches, uint64_t rows);

struct RecallPoint {
  uint32_t ef_search = 0;
  float recall = 0;  // mean over the queries
  float error = 0;   // standard error of the mean, never less than that of one miss in all
  friend bool operator==(const RecallPoint&, const RecallPoint&) = default;
};
// In order of width.
using RecallCurve = std::vector<RecallPoint>;

struct RecallTable {
  // What was measured: another graph, or another way to walk it, is not.
  uint32_t rows = 0;
  uint32_t m = 0, ef_construct = 0;
  bool by_codes = false;
  uint32_t code_bits = 8;  // if by codes
  // The state it was measured in.
  uint32_t dead_rows = 0;
  uint32_t queries = 0;            // in all
  uint32_t recent_queries = 0;     // of them, queries that users had sent
  uint64_t sample_generation = 0;  // of QuerySamples, in this process; not in the image
  float scan_recall = 1;           // recall@10 of a scan of all rows by codes; 1 without codes
  // recall@10 and recall@100. Empty in bands where no walk is ever taken.
  struct Band {
    RecallCurve at_10, at_100;
    friend bool operator==(const Band&, const Band&) = default;
  };
  std::array<Band, kFilterBands> bands;

  // The least width that reaches `target` (below 1); nothing if none that was measured does. Up to 10 answers are
  // taken for 10; between 10 and 100 the logarithms of the two widths are interpolated; above 100 a width grows with
  // the number of answers.
  std::optional<size_t> WidthFor(double target, size_t top_k, FilterBand band) const;
  // What a walk of that width is expected to find; nothing where nothing was measured.
  std::optional<double> ExpectedAt(size_t ef_search, size_t top_k, FilterBand band) const;

  friend bool operator==(const RecallTable&, const RecallTable&) = default;
};

// A checksummed image (docs/format/segment.md). DATA_LOSS if it is damaged or says what cannot be.
std::string EncodeRecallTable(const RecallTable& table);
absl::StatusOr<RecallTable> DecodeRecallTable(std::string_view image);

}  // namespace lineal::engine
