// A search whose processor time is counted apart from what its door spends on the request.
//
// Threads: any; a search runs on the calling thread.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/database.h"
#include "server/core/metrics.h"

namespace lineal::server {

absl::StatusOr<std::vector<engine::ScoredPoint>> MeasuredSearch(engine::Collection& collection,
                                                                const engine::SearchRequest& request,
                                                                ServerMetrics* metrics);

}  // namespace lineal::server
