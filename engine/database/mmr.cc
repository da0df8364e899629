#include "engine/database/mmr.h"

#include <algorithm>
#include <limits>

#include "index/vectors/query.h"

namespace lineal::engine {

std::vector<size_t> ChooseDiverse(const index::RowFormat& format, const std::vector<MmrCandidate>& candidates,
                                  double lambda, size_t count) {
  std::vector<size_t> chosen;
  std::vector<bool> taken(candidates.size(), false);
  // Distance to the nearest chosen one; similarity is the negative distance.
  std::vector<double> nearest(candidates.size(), std::numeric_limits<double>::infinity());
  while (chosen.size() < std::min(count, candidates.size())) {
    size_t best = candidates.size();
    double best_value = -std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (taken[i]) continue;
      const double redundancy = chosen.empty() ? 0.0 : -nearest[i];
      const double value = -lambda * candidates[i].distance - (1.0 - lambda) * redundancy;
      if (best == candidates.size() || value > best_value) {
        best = i;
        best_value = value;
      }
    }
    taken[best] = true;
    chosen.push_back(best);
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (taken[i]) continue;
      const double between = index::DistanceBetween(format, candidates[i].row, candidates[best].row);
      nearest[i] = std::min(nearest[i], between);
    }
  }
  return chosen;
}

}  // namespace lineal::engine
