#include "clients/cli/load_check.h"

#include <algorithm>
#include <cmath>

#include "base/executor.h"

namespace lineal::cli {
namespace {

struct Lane {
  std::vector<double> ms;
  uint64_t errors = 0;
  absl::Status first_error;
};

}  // namespace

double LoadResult::Quantile(double share) const {
  if (ms.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(ms.size())));
  return ms[std::min(ms.size() - 1, rank == 0 ? 0 : rank - 1)];
}

LoadResult RunLoad(const LoadOptions& options, const std::function<absl::Status(size_t, uint64_t)>& ask) {
  std::vector<Lane> lanes(options.connections);
  const int64_t started = options.clock->MonotonicNs();
  const int64_t end = started + static_cast<int64_t>(options.seconds * 1e9);
  {
    Executor threads("load", options.connections);
    for (size_t i = 0; i < options.connections; ++i) {
      const bool handed = threads.Submit([&, i] {
        Lane& lane = lanes[i];
        int64_t now = options.clock->MonotonicNs();
        for (uint64_t turn = 0; now < end; ++turn) {
          const int64_t asked = now;
          const absl::Status status = ask(i, turn);
          now = options.clock->MonotonicNs();
          if (status.ok()) {
            lane.ms.push_back(1e-6 * static_cast<double>(now - asked));
          } else {
            if (lane.first_error.ok()) lane.first_error = status;
            // A server that refuses at once would be asked without end.
            if (++lane.errors >= 1000) return;
          }
        }
      });
      if (!handed) break;
    }
    threads.Stop();
  }
  LoadResult result;
  result.seconds = 1e-9 * static_cast<double>(options.clock->MonotonicNs() - started);
  for (Lane& lane : lanes) {
    result.ms.insert(result.ms.end(), lane.ms.begin(), lane.ms.end());
    result.errors += lane.errors;
    if (result.first_error.ok()) result.first_error = lane.first_error;
  }
  result.answers = result.ms.size();
  std::ranges::sort(result.ms);
  return result;
}

}  // namespace lineal::cli
