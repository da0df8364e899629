#include "engine/segment/search_plan.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "index/ivf/effort.h"
#include "index/ivf/ivf_index.h"

namespace lineal::engine {
namespace {

// Nanoseconds of one core, of which the ratios matter: a scanned row of a list reads its bytes in order; a hop fetches
// the rows of some five neighbours from anywhere, and works on heaps. Measured by bench/plans
// (docs/adr/0005-filtered-plans.md).
constexpr double kScanNsPerByte = 0.105;
constexpr double kHopNs = 300;
constexpr double kHopNsPerByte = 0.5;
// Finding the order of lists, for each of them; and about the share of the rows that pass that a search of lists looks
// at, where it is known which they are.
constexpr double kListNs = 8;
constexpr double kLookedAtShare = 0.5;
// Hops of a walk that ends by itself, for each row it keeps and each of those that do not pass.
constexpr double kHopsPerKept = 1.1;

// A walk that went so much further than expected is among rows that do not pass: it finds less, and costs more than it
// was chosen for.
constexpr double kHopsTooMany = 2;
constexpr size_t kHopsFew = 64;

// Widths of graphs not measured yet, with room for hard data. Beyond the last target rows are scanned.
struct Rule {
  double target;
  size_t ef_search;
};
constexpr Rule kUnmeasured[] = {{0.80, 64}, {0.90, 128}, {0.95, 256}, {0.98, 512}};

PlanChoice ScanOf(const PlanQuestion& question, PlanReason reason) {
  PlanChoice choice;
  const bool some = question.of_tenant || (question.filtered && question.matches < question.rows);
  choice.plan = some ? SearchPlan::kScanMatches : SearchPlan::kScanAll;
  choice.reason = reason;
  const bool exact = reason == PlanReason::kExactAsked;
  choice.by_codes = question.has_codes && !exact && reason != PlanReason::kMostRowsAsked;
  choice.recall = 1.0;
  if (choice.by_codes) {
    choice.recall = question.recall == nullptr ? std::nullopt : std::optional<double>(question.recall->scan_recall);
  }
  return choice;
}

// The bands whose walks a search may be: under a filter of which nothing is known, any.
std::vector<FilterBand> BandsOf(const PlanQuestion& question) {
  if (!question.filtered) return {FilterBand::kNone};
  // Lists find no more under a filter that has nothing to do with the query than without one.
  if (question.by_lists && question.matches < question.rows) {
    return {FilterBand::kNone, BandOf(question.matches, question.rows)};
  }
  if (question.matches < question.rows) return {BandOf(question.matches, question.rows)};
  return {FilterBand::kNone, FilterBand::kMost, FilterBand::kSome, FilterBand::kFew};
}

// The least width that reaches the target in all of the bands that were measured.
std::optional<size_t> MeasuredWidth(const PlanQuestion& question) {
  std::optional<size_t> widest;
  for (const FilterBand band : BandsOf(question)) {
    const bool measured = !question.recall->bands.at(static_cast<size_t>(band)).at_10.empty();
    if (!measured && question.matches == question.rows) continue;
    // A band in which no walk was ever worth it is one for scans.
    const auto width = question.recall->WidthFor(*question.recall_target, question.top_k, band);
    if (!width) return std::nullopt;
    widest = std::max(widest.value_or(0), *width);
  }
  return widest;
}

std::optional<double> ExpectedRecall(const PlanQuestion& question, size_t ef_search) {
  if (question.recall == nullptr) return std::nullopt;
  std::optional<double> least;
  for (const FilterBand band : BandsOf(question)) {
    const auto expected = question.recall->ExpectedAt(ef_search, question.top_k, band);
    if (expected) least = std::min(least.value_or(1.0), *expected);
  }
  return least;
}

std::string Percent(double share) { return StrCat(std::round(share * 10'000) / 100, " %"); }

}  // namespace

std::string_view NameOf(SearchPlan plan) {
  switch (plan) {
    case SearchPlan::kNothing:
      return "nothing";
    case SearchPlan::kGraph:
      return "graph";
    case SearchPlan::kLists:
      return "lists";
    case SearchPlan::kTenantLists:
      return "tenant_lists";
    case SearchPlan::kScanAll:
      return "scan_all";
    case SearchPlan::kScanMatches:
      return "scan_matches";
  }
  return "unknown";
}

double ExpectedHops(uint64_t matches, uint64_t rows, size_t ef_search) {
  const double selectivity = std::max(1.0, static_cast<double>(matches)) / static_cast<double>(rows);
  return std::min(static_cast<double>(rows), kHopsPerKept * static_cast<double>(ef_search) / selectivity);
}

bool ScanIsCheaper(uint64_t matches, uint64_t rows, size_t ef_search, size_t distance_bytes) {
  const auto bytes = static_cast<double>(distance_bytes);
  const double scan_ns = static_cast<double>(matches) * kScanNsPerByte * bytes;
  return scan_ns <= ExpectedHops(matches, rows, ef_search) * (kHopNs + kHopNsPerByte * bytes);
}

bool ListScanIsCheaper(uint64_t matches, uint64_t rows, size_t ef_search, size_t distance_bytes, size_t bit_bytes) {
  const double share = std::max(1.0, static_cast<double>(matches)) / static_cast<double>(rows);
  const double wanted = index::Effort(ef_search).lists * index::IvfParams::kRowsPerList / share;
  const double scanned = std::min(static_cast<double>(rows), wanted);
  const double lists_ns = scanned * kScanNsPerByte * static_cast<double>(bit_bytes);
  return static_cast<double>(matches) * kScanNsPerByte * static_cast<double>(distance_bytes) <= lists_ns;
}

bool PlacesScanIsCheaper(uint64_t matches, uint32_t lists, size_t distance_bytes) {
  const double scan_ns = static_cast<double>(matches) * kScanNsPerByte * static_cast<double>(distance_bytes);
  return scan_ns * (1 - kLookedAtShare) <= kListNs * lists;
}

size_t HopsMax(uint64_t matches, uint64_t rows, size_t ef_search) {
  return kHopsFew + static_cast<size_t>(kHopsTooMany * ExpectedHops(matches, rows, ef_search));
}

std::optional<size_t> UnmeasuredWidth(double target, size_t top_k) {
  for (const Rule& rule : kUnmeasured) {
    if (target <= rule.target) return std::max(rule.ef_search, 2 * top_k);
  }
  return std::nullopt;
}

bool ScanIsCheaper(const PlanQuestion& question, size_t ef_search) {
  if (!question.by_lists) {
    return ScanIsCheaper(question.matches, question.rows, ef_search, question.distance_bytes);
  }
  if (question.places_known) return PlacesScanIsCheaper(question.matches, question.lists, question.distance_bytes);
  return ListScanIsCheaper(question.matches, question.rows, ef_search, question.distance_bytes, question.bit_bytes);
}

PlanChoice ChoosePlan(const PlanQuestion& question) {
  PlanChoice choice;
  if (question.matches == 0 || question.top_k == 0) return choice;
  const bool targeted = question.recall_target && !question.ef_search;
  if (question.exact || (targeted && *question.recall_target >= 1)) return ScanOf(question, PlanReason::kExactAsked);
  if (!question.has_index) return ScanOf(question, PlanReason::kNoIndex);

  size_t width = question.ef_search.value_or(kDefaultEfSearch);
  choice.reason = question.ef_search ? PlanReason::kWidthAsked : PlanReason::kDefaultWidth;
  if (targeted) {
    const bool measured = question.recall != nullptr;
    const auto enough = measured ? MeasuredWidth(question) : UnmeasuredWidth(*question.recall_target, question.top_k);
    if (!enough) return ScanOf(question, PlanReason::kNoWidthEnough);
    width = *enough;
    choice.reason = measured ? PlanReason::kMeasured : PlanReason::kNotMeasured;
  }
  if (!question.by_lists) width = std::max(width, question.top_k);
  const bool listed = question.filtered && question.matches < question.rows;
  // Without a filter a walk goes by its width, and a scan of everything takes its place only for a target's sake.
  const bool may_scan = listed || (targeted && !question.filtered && question.has_codes);
  if (may_scan && ScanIsCheaper(question, width)) {
    PlanChoice scan = ScanOf(question, PlanReason::kScanCheaper);
    scan.ef_search = width;
    return scan;
  }
  if (question.top_k * 2 >= (question.places_known ? question.matches : question.rows))
    return ScanOf(question, PlanReason::kMostRowsAsked);
  choice.plan = question.of_tenant  ? SearchPlan::kTenantLists
                : question.by_lists ? SearchPlan::kLists
                                    : SearchPlan::kGraph;
  choice.by_codes = question.has_codes;
  choice.ef_search = width;
  if (listed && !question.by_lists) choice.hops_max = HopsMax(question.matches, question.rows, width);
  choice.recall = ExpectedRecall(question, width);
  return choice;
}

std::string Describe(const PlanQuestion& question, const PlanChoice& choice) {
  const auto at_target = [&] { return Percent(question.recall_target.value_or(0)); };
  switch (choice.reason) {
    case PlanReason::kNoRows:
      return "no row of this segment can pass";
    case PlanReason::kExactAsked:
      return question.exact ? "an exact search was asked for" : "a recall target of 1 asks for an exact search";
    case PlanReason::kNoIndex:
      return "the segment has no index for this vector";
    case PlanReason::kMostRowsAsked:
      return StrCat(question.top_k, " of ", question.places_known ? question.matches : question.rows,
                    " rows are asked for");
    case PlanReason::kWidthAsked:
      return "ef_search was asked for";
    case PlanReason::kDefaultWidth:
      return "the default ef_search";
    case PlanReason::kMeasured:
      return StrCat("the least width measured to reach a recall of ", at_target());
    case PlanReason::kNotMeasured:
      return StrCat("the index's recall has not been measured yet: a wide guess for ", at_target());
    case PlanReason::kNoWidthEnough:
      return StrCat("no ", question.recall_measured ? "measured " : "", "width is sure to reach a recall of ",
                    at_target());
    case PlanReason::kScanCheaper:
      return StrCat("a scan of ", question.matches, " rows is cheaper than ", question.by_lists ? "lists" : "a walk",
                    " at ef_search ", choice.ef_search);
    case PlanReason::kWalkGaveUp:
      return StrCat("the rows that pass lie apart from the query: a walk at ef_search ", choice.ef_search,
                    " was given up after ", choice.hops_max, " hops");
  }
  return "";
}

}  // namespace lineal::engine
