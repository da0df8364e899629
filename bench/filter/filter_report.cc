#include "bench/filter/filter_report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace lineal::bench {
namespace {

std::string Fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

const char* FilterName(const FilterResult& result) { return result.correlation ? NameOf(*result.correlation) : "none"; }

double RatioOf(const FilterResult& result, const std::vector<FilterResult>& results) {
  return result.median_qps() / results.front().median_qps();
}

}  // namespace

std::string MarkdownReport(const FilterFacts& facts, const std::vector<FilterResult>& results) {
  std::string out =
      StrCat("\n### ", facts.set, ": ", facts.rows, " × ", facts.dim, ", ", facts.questions, " questions, ",
             facts.segments, " segments; written in ", Fixed(facts.load_s, 1), " s, indexed ", Fixed(facts.index_s, 1),
             " s later\n\n| filter | selectivity | rows that pass | recall@", facts.k,
             " | QPS (min–max) | of unfiltered |\n| --- | --- | --- | --- | --- | --- |\n");
  for (const FilterResult& result : results) {
    const auto [least, most] = std::ranges::minmax(result.qps);
    StrAppend(&out, "| ", FilterName(result), " | ", Fixed(100 * result.selectivity, 2), " % | ", result.rows, " | ",
              Fixed(result.recall, 4), " | ", Fixed(result.median_qps(), 0), " (", Fixed(least, 0), "–", Fixed(most, 0),
              ") | ", Fixed(RatioOf(result, results), 2), " |\n");
  }
  return out + "\nQPS: queries per CPU-second of the process, one query a call, median of the repeats.\n";
}

std::string JsonReport(const FilterFacts& facts, const std::vector<FilterResult>& results) {
  std::string out;
  for (const FilterResult& result : results) {
    const nlohmann::ordered_json line = {{"set", facts.set},
                                         {"filter", FilterName(result)},
                                         {"selectivity", result.selectivity},
                                         {"rows", result.rows},
                                         {"recall", result.recall},
                                         {"qps", result.median_qps()},
                                         {"ratio", RatioOf(result, results)}};
    out += line.dump() + "\n";
  }
  return out;
}

}  // namespace lineal::bench
