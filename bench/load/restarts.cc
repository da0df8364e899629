#include "bench/load/restarts.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.h"
#include "base/status.h"

namespace lineal::bench {
namespace {

constexpr int kPollMs = 2;

double SecondsSince(int64_t start_ns) { return 1e-9 * static_cast<double>(SystemClock()->MonotonicNs() - start_ns); }

const char* WhatBefore(const Restart& restart) { return restart.killed ? "kill" : "stop"; }

absl::Status End(bool by_kill, ServerProcess* server) {
  if (by_kill) {
    server->Kill();
    return absl::OkStatus();
  }
  const int status = server->Stop();
  if (status != 0) return Internal("the server did not stop cleanly: its exit status is ", status, ", wanted is 0");
  return absl::OkStatus();
}

// One connection and one question after another, until there is a whole answer.
absl::Status AwaitAnswer(const std::string& address, const std::string& request, size_t limit, int64_t start_ns,
                         double seconds_max) {
  std::string last;
  while (SecondsSince(start_ns) < seconds_max) {
    const auto ids = AskRestOnce(address, request, seconds_max - SecondsSince(start_ns));
    if (ids.ok() && ids->size() >= limit) return absl::OkStatus();
    if (!ids.ok() && !absl::IsUnavailable(ids.status())) return ids.status();
    last = ids.ok() ? StrCat(ids->size(), " points") : std::string(MessageOf(ids.status()));
    // Nothing tells a client when a port begins to be listened on.
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
  }
  return absl::DeadlineExceededError(StrCat("a restarted server did not answer with ", limit, " points within ",
                                            seconds_max, " s; it last gave ", last));
}

}  // namespace

absl::StatusOr<std::vector<Restart>> MeasureRestarts(const RestartOptions& options, const Matrix& queries,
                                                     std::unique_ptr<ServerProcess>* server) {
  Matrix first = queries;
  first.Truncate(1);
  std::vector<Restart> restarts(options.count);
  for (size_t i = 0; i < options.count; ++i) {
    Restart& restart = restarts[i];
    restart.killed = i % 2 == 1;
    LINEAL_RETURN_IF_ERROR(End(restart.killed, server->get()));
    const int64_t start_ns = SystemClock()->MonotonicNs();
    LINEAL_ASSIGN_OR_RETURN(*server, ServerProcess::Start(options.process));
    QuestionOptions question = options.question;
    question.host = (*server)->rest_address();
    const std::string request = MakeQuestions(first, question).http_requests[0];
    LINEAL_RETURN_IF_ERROR(AwaitAnswer(question.host, request, question.limit, start_ns, options.seconds_max));
    restart.seconds = SecondsSince(start_ns);
    std::fprintf(stderr, "restart %zu, after a %s: %.3f s\n", i + 1, WhatBefore(restart), restart.seconds);
  }
  return restarts;
}

std::string RestartsMarkdown(const LoadFacts& facts, size_t limit, const std::vector<Restart>& restarts) {
  std::string out =
      StrCat(MarkdownHead(facts), "Restarts over the same data, nothing written in between, the kernel's ",
             "page cache warm; seconds from exec to the first answer with ", limit, " points over REST\n\n",
             "| restart | after | seconds |\n| --- | --- | --- |\n");
  for (size_t i = 0; i < restarts.size(); ++i) {
    StrAppend(&out, "| ", i + 1, " | ", WhatBefore(restarts[i]), " | ", Fixed(restarts[i].seconds, 3), " |\n");
  }
  return out;
}

std::string RestartsJson(const LoadFacts& facts, size_t limit, const std::vector<Restart>& restarts) {
  std::string out = JsonHead(facts);
  for (size_t i = 0; i < restarts.size(); ++i) {
    const nlohmann::json line = {{"kind", "restart"},
                                 {"restart", i + 1},
                                 {"after", WhatBefore(restarts[i])},
                                 {"limit", limit},
                                 {"seconds", restarts[i].seconds}};
    StrAppend(&out, line.dump(), "\n");
  }
  return out;
}

}  // namespace lineal::bench
