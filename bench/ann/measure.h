// Building and searching under the clock.
//
// Queries per second are per CPU-second of the searching thread, so that what else the machine does counts less; build
// times are given both ways.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/ann/contender.h"

namespace lineal::bench {

struct Spread {
  double median = 0, min = 0, max = 0;
};
Spread SpreadOf(std::vector<double> values);

struct Point {
  size_t width = 0;
  double recall = 0;
  std::vector<double> qps;  // one of each repeat
};

struct Result {
  std::string contender;
  double build_seconds = 0, build_cpu_seconds = 0;
  double rss_mb = 0;  // that the build added, the library's own copy of the vectors included
  std::vector<Point> points;
};

// A contender that was built, and what is known of it.
struct Entrant {
  std::unique_ptr<Contender> contender;
  Result result;
};

void BuildEntrant(const DataSet& data, const BuildSettings& settings, Entrant* entrant);
// Repeats go round all entrants, so that a slow minute of the machine falls on each of them. A contender's widths end
// with the first that reaches recall 0.995.
void SearchAll(const DataSet& data, size_t k, size_t repeats, std::vector<Entrant>* entrants);

// Queries per second at a recall, between the two measured points around it, for each repeat; empty if it was not
// reached.
std::vector<double> QpsAtRecall(const Result& result, double recall);

}  // namespace lineal::bench
