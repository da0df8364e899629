// One measured run: so many connections, each asking its next question when it has the answer to the last.
//
// Threads: plain data; a run is measured on one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/number_filters.h"
#include "bench/sets/data_set.h"
#include "lineal/v1/reads.pb.h"

namespace lineal::bench {

// The questions in the form each protocol sends them, made before anything is measured.
struct QuestionSet {
  size_t limit = 10;
  std::vector<v1::SearchRequest> messages;
  std::vector<std::string> http_requests;
  double filter_share = 1;  // of the rows, that pass a question's filter
  size_t filters = 0;       // different ones
  // The exact answers, nearest first.
  std::vector<std::vector<uint64_t>> truth;
};
struct QuestionOptions {
  std::string collection;
  std::string host;  // of the REST door, for the header
  std::string api_key;
  size_t limit = 10;
  uint32_t ef_search = 0;  // 0: the server's
};
// Question i has filters[i % filters.size()], if there are any.
QuestionSet MakeQuestions(const Matrix& queries, const QuestionOptions& options,
                          std::span<const NumberFilter> filters = {});

struct RunOptions {
  std::string address;
  std::string api_key;
  size_t connections = 1;
  double seconds = 5;
  double warm_up_seconds = 1;
};

struct LoadRun {
  std::string protocol;
  size_t connections = 0;
  bool ingesting = false;
  double seconds = 0;
  uint64_t errors = 0;
  std::string first_error;
  std::vector<float> latencies_ms;  // in order of size once Seal() has run
  // Of each question, the last answer given; none where there was none.
  std::vector<std::optional<std::vector<uint64_t>>> answers;
  double ingested_rows_per_s = 0;
  double server_cpu_us = 0;  // a request; 0: not known
  double engine_cpu_us = 0;  // of it, in the engine

  // What Seal() takes from the questions. Recall is that of those that were answered.
  double filter_share = 1;
  size_t filters = 0;
  double recall = 0;

  void Seal(const QuestionSet& questions);
  double per_second() const { return static_cast<double>(latencies_ms.size()) / seconds; }
  // The time that `share` of the answers took at most.
  float Quantile(double share) const;
};

// Who is asked next, and what is noted of the answers. Not counted before the warm-up is over.
class RunClock {
 public:
  RunClock(const RunOptions& options, size_t questions);
  bool over() const;
  size_t NextQuestion() { return next_++ % questions_; }
  void Note(int64_t started_ns, LoadRun* run) const;
  double measured_seconds() const;

 private:
  size_t questions_;
  size_t next_ = 0;
  int64_t begin_ns_;
  int64_t end_ns_;
};

LoadRun RunRest(const RunOptions& options, const QuestionSet& questions);
// What /metrics says of a counter without labels. UNAVAILABLE, NOT_FOUND.
absl::StatusOr<double> ReadCounter(const std::string& rest_address, const std::string& name);
// The ids that one search on a connection of its own is answered with. UNAVAILABLE where there is no answer yet;
// INTERNAL for a request that is refused.
absl::StatusOr<std::vector<uint64_t>> AskRestOnce(const std::string& rest_address, const std::string& http_request,
                                                  double seconds_max);
LoadRun RunGrpc(const RunOptions& options, const QuestionSet& questions);

}  // namespace lineal::bench
