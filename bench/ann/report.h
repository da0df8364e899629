// The answer for people (a Markdown table) and for programs (JSON, one object a line).
#pragma once

#include <string>
#include <vector>

#include "bench/ann/measure.h"

namespace lineal::bench {

// The machine, compiler and kernels that all figures depend on, in one line.
std::string MachineLine();

std::string MarkdownReport(const DataSet& data, const BuildSettings& settings, const SearchSettings& search,
                           const std::vector<Entrant>& entrants);

// One line for each system and recall target: set, system, recall_target, recall, qps_1t, qps_all, build_s, memory_mb,
// params. recall, both qps and params are null where the target was not reached; qps_all also where a library cannot be
// asked from several threads.
std::string JsonReport(const DataSet& data, const std::vector<Entrant>& entrants);

}  // namespace lineal::bench
