// Building and searching under the clock.
//
// Queries per second are per CPU-second of the searching thread, so that what else the machine does counts less; build
// times are given both ways.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/ann/contender.h"

namespace lineal::bench {

inline constexpr double kRecallTargets[] = {0.90, 0.95, 0.99};

struct Spread {
  double median = 0, min = 0, max = 0;
};
Spread SpreadOf(std::vector<double> values);

// One effort, measured.
struct Point {
  Effort effort;
  double recall = 0;
  std::vector<double> qps;        // of one thread, one of each repeat
  std::optional<double> qps_all;  // of all threads at once, where it was measured
  double first_qps = 0;           // of the pass that found the recall
};

struct Result {
  std::string system;
  std::pair<std::string, std::string> effort_names;
  BuildCost build;
  std::vector<Point> points;  // in order of recall
};

// A contender that was built, and what is known of it.
struct Entrant {
  std::unique_ptr<Contender> contender;
  Result result;
};

struct SearchSettings {
  size_t k = 10;
  size_t repeats = 5;
  size_t threads = 1;  // that search at once for qps_all
};

absl::Status BuildEntrant(const DataSet& data, const BuildSettings& settings, Entrant* entrant);

// Tries the efforts of each entrant up to recall 0.995, and halves the steps around each target; those that another
// clearly beats are not repeated. Repeats go round all entrants, so that a slow minute of the machine falls on each of
// them. An entrant that fails is dropped with a line on stderr.
void SearchAll(const DataSet& data, const SearchSettings& settings, std::vector<Entrant>* entrants);

// The points that no other point beats in both recall and speed, in order of recall; only those that were repeated.
std::vector<Point> Frontier(const Result& result);

// The fastest point whose recall is at least `target`; null if there is none.
const Point* FastestAt(const Result& result, double target);

}  // namespace lineal::bench
