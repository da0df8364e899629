#include "index/ivf/effort.h"

#include <algorithm>
#include <cmath>

namespace lineal::index {

Effort::Effort(const SearchParams& params) {
  // Where few rows pass, as many that do lie in more lists.
  const double share = std::clamp(params.accepted_share, 1e-3, 1.0);
  const auto width = static_cast<double>(std::max<size_t>(params.ef_search, 1));
  lists = static_cast<size_t>(std::ceil(2 * width / share));
  patience = static_cast<size_t>(std::ceil((3 + width / 4) / share));
  deviations = static_cast<float>(std::clamp(1.2 + 0.15 * std::log2(width / 64), 1.2, 2.2));
}

}  // namespace lineal::index
