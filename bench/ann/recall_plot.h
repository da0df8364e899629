// Recall against queries per second as an SVG picture: recall to the right, queries per second upwards on a logarithmic
// scale, a line for each system through the points that no other of its points beats.
#pragma once

#include <string>
#include <vector>

#include "bench/ann/measure.h"

namespace lineal::bench {

std::string RecallPlot(const DataSet& data, size_t k, const std::vector<Entrant>& entrants);

}  // namespace lineal::bench
