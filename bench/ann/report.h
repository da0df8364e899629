// The answer for people (a Markdown table) and for programs (one JSON object a line).
#pragma once

#include <string>
#include <vector>

#include "bench/ann/measure.h"

namespace lineal::bench {

// The machine, compiler and kernels that all figures depend on, in one line.
std::string MachineLine();
std::string MarkdownReport(const DataSet& data, const BuildSettings& settings, const std::vector<Entrant>& entrants);
std::string JsonReport(const DataSet& data, const BuildSettings& settings, const std::vector<Entrant>& entrants);

}  // namespace lineal::bench
