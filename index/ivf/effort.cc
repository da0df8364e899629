#include "index/ivf/effort.h"

#include <algorithm>
#include <cmath>

namespace lineal::index {

Effort::Effort(size_t ef_search) {
  const auto width = static_cast<double>(std::max<size_t>(ef_search, 1));
  lists = 2 * width;
  patience = 3 + width / 4;
  deviations = static_cast<float>(std::clamp(1.2 + 0.15 * std::log2(width / 64), 1.2, 2.2));
}

}  // namespace lineal::index
