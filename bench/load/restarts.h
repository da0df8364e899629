// How long a server is away: it is stopped or killed, started again over the same data, and asked until it answers.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/load_report.h"
#include "bench/load/load_run.h"
#include "bench/load/server_process.h"

namespace lineal::bench {

struct RestartOptions {
  size_t count = 2;
  ServerProcessOptions process;  // what the running server was started with
  QuestionOptions question;      // its host is that of the server that is asked
  double seconds_max = 3600;     // until the answer
};

struct Restart {
  bool killed = false;  // else stopped
  double seconds = 0;   // from exec to the first answer
};

// Every second restart follows a kill. `server` is another one afterwards. DEADLINE_EXCEEDED if a search does not give
// `question.limit` points in time.
absl::StatusOr<std::vector<Restart>> MeasureRestarts(const RestartOptions& options, const Matrix& queries,
                                                     std::unique_ptr<ServerProcess>* server);

std::string RestartsMarkdown(const LoadFacts& facts, size_t limit, const std::vector<Restart>& restarts);
std::string RestartsJson(const LoadFacts& facts, size_t limit, const std::vector<Restart>& restarts);

}  // namespace lineal::bench
