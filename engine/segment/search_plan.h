// How one segment answers one search: which of the ways it has, how wide, and why.
//
// Threads: any; pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/segment/recall_table.h"

namespace lineal::engine {

// Candidates that a walk keeps when neither the search nor the collection says how good answers must be.
inline constexpr size_t kDefaultEfSearch = 128;

enum class SearchPlan : uint8_t { kNothing, kGraph, kLists, kTenantLists, kScanAll, kScanMatches };
std::string_view NameOf(SearchPlan plan);

// What is known before a segment is searched.
struct PlanQuestion {
  uint64_t rows = 0;
  uint64_t matches = 0;    // at most so many rows pass
  bool filtered = false;   // rows may be kept out by a filter
  bool of_tenant = false;  // `rows` are those of a tenant that has lists of its own
  bool has_index = false;
  bool by_lists = false;      // and the index is an inverted file, not a graph
  size_t bit_bytes = 0;       // lists: of a row's one-bit codes
  uint32_t lists = 0;         // their number
  bool places_known = false;  // and which of their rows may pass is known by the list
  bool has_codes = false;     // and they may be used
  size_t distance_bytes = 0;  // that one distance reads: a row's codes, or a row
  size_t top_k = 0;           // at least 1
  bool exact = false;
  std::optional<size_t> ef_search;      // asked for: goes before the target
  std::optional<double> recall_target;  // above 0, at most 1
  const RecallTable* recall = nullptr;  // null when the index has not been measured; used by ChoosePlan only
  bool recall_measured = false;         // for Describe
};

enum class PlanReason : uint8_t {
  kNoRows,         // nothing can pass, or nothing is asked for
  kExactAsked,     // `exact`, or a target of 1
  kNoIndex,        // none was built yet, or the segment is too small for one
  kMostRowsAsked,  // half of all rows are wanted
  kWidthAsked,     // `ef_search`
  kDefaultWidth,   // nothing was asked for
  kMeasured,       // the least width that reaches the target, as measured
  kNotMeasured,    // a target, and a graph that has not been measured yet
  kNoWidthEnough,  // no measured width reaches the target
  kScanCheaper,    // than the walk that it would take
  kWalkGaveUp,     // rows that pass lie apart from the query: the walk began and the rows were scanned after all
};

struct PlanChoice {
  SearchPlan plan = SearchPlan::kNothing;
  PlanReason reason = PlanReason::kNoRows;
  bool by_codes = false;
  size_t ef_search = 0;               // of a walk; for the other plans, the width that was weighed against them, or 0
  size_t hops_max = 0;                // of a walk: after so many the rows that pass are scanned instead; 0: no limit
  std::optional<double> recall = {};  // expected of this plan; nothing when it was not measured
};

PlanChoice ChoosePlan(const PlanQuestion& question);
// Says to people why, with the figures that decided.
std::string Describe(const PlanQuestion& question, const PlanChoice& choice);

// Whether scanning `matches` rows, with `distance_bytes` a distance, costs less than a walk under a filter that they
// pass, of `rows` in all (docs/adr/0005-filtered-plans.md).
bool ScanIsCheaper(uint64_t matches, uint64_t rows, size_t ef_search, size_t distance_bytes);
// The same against lists that such a search scans by codes of `bit_bytes` a row.
bool ListScanIsCheaper(uint64_t matches, uint64_t rows, size_t ef_search, size_t distance_bytes, size_t bit_bytes);
// And against lists of which only those rows are looked at that may pass.
bool PlacesScanIsCheaper(uint64_t matches, uint32_t lists, size_t distance_bytes);
// By what the question says of the index.
bool ScanIsCheaper(const PlanQuestion& question, size_t ef_search);
// Nodes whose links such a walk is expected to follow, if the rows that pass lie as all others do.
double ExpectedHops(uint64_t matches, uint64_t rows, size_t ef_search);
// Hops after which a walk among listed rows is not worth going on with.
size_t HopsMax(uint64_t matches, uint64_t rows, size_t ef_search);
// The width of a walk towards a target in a graph that has not been measured; nothing: no width is trusted to reach it.
std::optional<size_t> UnmeasuredWidth(double target, size_t top_k);

}  // namespace lineal::engine
