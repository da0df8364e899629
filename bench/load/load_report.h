// The figures for people (a Markdown table) and for programs (one JSON object a line).
//
// Threads: any.
#pragma once

#include <string>
#include <vector>

#include "bench/load/load_run.h"

namespace lineal::bench {

struct LoadFacts {
  std::string data;
  size_t rows = 0;
  size_t dim = 0;
  std::string hnsw;        // "m 16, ef_construct 100"
  uint32_t ef_search = 0;  // 0: the server's
  double upload_seconds = 0;
  size_t rows_per_message = 0;
  double index_seconds = 0;
};

std::string Fixed(double value, int digits);
// Processor, cores and compiler: what all figures depend on.
std::string MachineLine();
// "Data: name, rows x dim".
std::string DataLine(const LoadFacts& facts);
// What every report of a server that was filled begins with.
std::string MarkdownHead(const LoadFacts& facts);
std::string JsonHead(const LoadFacts& facts);
// "all", or the share of the rows that pass a run's filters: "10 %".
std::string PassingOf(const LoadRun& run);
std::string MarkdownReport(const LoadFacts& facts, size_t limit, const std::vector<LoadRun>& runs);
std::string JsonReport(const LoadFacts& facts, size_t limit, const std::vector<LoadRun>& runs);

}  // namespace lineal::bench
