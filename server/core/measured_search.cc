#include "server/core/measured_search.h"

#include "base/clock.h"

namespace lineal::server {

absl::StatusOr<std::vector<engine::ScoredPoint>> MeasuredSearch(engine::Collection& collection,
                                                                const engine::SearchRequest& request,
                                                                ServerMetrics* metrics) {
  const int64_t before_ns = ThreadCpuNs();
  auto points = collection.Search(request);
  metrics->CountSearch(static_cast<double>(ThreadCpuNs() - before_ns) * 1e-9);
  return points;
}

}  // namespace lineal::server
