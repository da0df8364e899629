// The figures for people (a Markdown table) and for programs (one JSON object a line).
#pragma once

#include <string>
#include <vector>

#include "bench/filter/filter_run.h"

namespace lineal::bench {

struct FilterFacts {
  std::string set;
  size_t rows = 0, dim = 0, questions = 0, k = 10, segments = 0;
  double load_s = 0, index_s = 0;
};

std::string MarkdownReport(const FilterFacts& facts, const std::vector<FilterResult>& results);

// set, filter ("none" or a correlation), selectivity, rows (that pass), recall, qps, ratio (to unfiltered).
std::string JsonReport(const FilterFacts& facts, const std::vector<FilterResult>& results);

}  // namespace lineal::bench
