#include "index/ivf/effort.h"

#include <algorithm>
#include <cmath>

#include "index/ivf/ivf_index.h"

namespace lineal::index {
namespace {

constexpr double kRowsPerKept = 8;

}  // namespace

Effort::Effort(size_t ef_search) {
  const auto width = static_cast<double>(std::max<size_t>(ef_search, 1));
  lists = 2 * width;
  patience = 3 + width / 4;
  deviations = static_cast<float>(std::clamp(1.2 + 0.15 * std::log2(width / 64), 1.2, 2.2));
}

void Effort::GoAmong(double share, size_t kept) {
  const double enough = kRowsPerKept * static_cast<double>(kept) / IvfParams::kRowsPerList;
  lists = std::max(lists * std::sqrt(share), std::min(lists, enough));
  patience *= std::sqrt(share);
}

// Chosen on words-100, debian-512 and clustered sets of 128 and 768 components (docs/adr/0009-cold-vectors.md).
ReadEffort::ReadEffort(size_t ef_search, size_t answers)
    : rows_max(std::max(4 * answers, 2 * answers + 2 * ef_search)) {
  const auto share = static_cast<float>(std::min(0.1 * std::log2(std::max<double>(ef_search, 1)), 1.0));
  share_first = share + 0.5f;
  share_second = share;
}

}  // namespace lineal::index
