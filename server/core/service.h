// What every door needs, owned by the process and borrowed by the doors for as long as they run.
#pragma once

#include <string>

#include "base/clock.h"
#include "engine/api/database.h"
#include "server/core/access.h"
#include "server/core/metrics.h"
#include "server/core/work_pool.h"

namespace lineal::server {

struct Service {
  engine::Database* database = nullptr;
  const AccessControl* access = nullptr;
  ServerMetrics* metrics = nullptr;
  WorkPool* work = nullptr;
  const Clock* clock = nullptr;
  int64_t request_timeout_ms = 60'000;
  uint64_t body_bytes_max = 32ull << 20;
};

}  // namespace lineal::server
