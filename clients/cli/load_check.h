// A quick look at how a running server answers: some connections, each asking its next question when it has the answer
// to the last.
//
// Threads: RunLoad() on one; it uses threads of its own while it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"

namespace lineal::cli {

struct LoadOptions {
  size_t connections = 8;
  double seconds = 5;
  const Clock* clock = SystemClock();
};
struct LoadResult {
  uint64_t answers = 0;
  uint64_t errors = 0;
  double seconds = 0;
  absl::Status first_error;
  std::vector<double> ms;  // of each answer, in order of size

  double per_second() const { return seconds > 0 ? static_cast<double>(answers) / seconds : 0; }
  // The time that `share` of the answers took at most; 0 without answers.
  double Quantile(double share) const;
};

// `ask(connection, turn)` asks one question; turns of a connection go up from 0.
LoadResult RunLoad(const LoadOptions& options,
                   const std::function<absl::Status(size_t connection, uint64_t turn)>& ask);

}  // namespace lineal::cli
