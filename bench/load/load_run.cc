#include "bench/load/load_run.h"

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/strings.h"
#include "engine/payload/json.h"

namespace lineal::bench {
namespace {

// `filter` may be null.
std::string HttpRequest(const QuestionOptions& options, const float* vector, size_t dim, const NumberFilter* filter) {
  std::string body = "{\"query\":[";
  for (size_t i = 0; i < dim; ++i) {
    if (i != 0) body += ',';
    engine::AppendJsonNumber(&body, vector[i]);
  }
  StrAppend(&body, "],\"limit\":", options.limit);
  if (options.ef_search != 0) StrAppend(&body, ",\"params\":{\"hnsw_ef\":", options.ef_search, "}");
  if (filter != nullptr) StrAppend(&body, ",\"filter\":", filter->Json());
  body += '}';
  std::string request =
      StrCat("POST /collections/", options.collection, "/points/query HTTP/1.1\r\nHost: ", options.host,
             "\r\nContent-Type: application/json\r\nContent-Length: ", body.size());
  if (!options.api_key.empty()) StrAppend(&request, "\r\napi-key: ", options.api_key);
  StrAppend(&request, "\r\n\r\n", body);
  return request;
}

// Of the questions that were answered.
double RecallOf(const LoadRun& run, const QuestionSet& questions) {
  size_t found = 0;
  size_t wanted = 0;
  for (size_t i = 0; i < run.answers.size(); ++i) {
    if (!run.answers[i]) continue;
    const std::set<uint64_t> truth(questions.truth[i].begin(), questions.truth[i].end());
    wanted += truth.size();
    for (uint64_t id : *run.answers[i]) found += truth.count(id);
  }
  return wanted == 0 ? 0 : static_cast<double>(found) / static_cast<double>(wanted);
}

}  // namespace

QuestionSet MakeQuestions(const Matrix& queries, const QuestionOptions& options,
                          std::span<const NumberFilter> filters) {
  QuestionSet set;
  set.limit = options.limit;
  set.filters = filters.size();
  for (size_t i = 0; i < queries.rows(); ++i) {
    const NumberFilter* filter = filters.empty() ? nullptr : &filters[i % filters.size()];
    v1::SearchRequest& message = set.messages.emplace_back();
    message.set_collection(options.collection);
    message.mutable_vector()->set_data(queries.row(i), queries.dim * sizeof(float));
    message.set_limit(options.limit);
    if (options.ef_search != 0) message.set_ef_search(options.ef_search);
    if (filter != nullptr) *message.mutable_filter() = filter->Message();
    set.http_requests.push_back(HttpRequest(options, queries.row(i), queries.dim, filter));
  }
  return set;
}

void LoadRun::Seal(const QuestionSet& questions) {
  std::ranges::sort(latencies_ms);
  filter_share = questions.filter_share;
  filters = questions.filters;
  recall = RecallOf(*this, questions);
}

float LoadRun::Quantile(double share) const {
  if (latencies_ms.empty()) return 0;
  const auto at = static_cast<size_t>(share * static_cast<double>(latencies_ms.size()));
  return latencies_ms[std::min(at, latencies_ms.size() - 1)];
}

RunClock::RunClock(const RunOptions& options, size_t questions)
    : questions_(questions),
      begin_ns_(SystemClock()->MonotonicNs() + static_cast<int64_t>(1e9 * options.warm_up_seconds)),
      end_ns_(begin_ns_ + static_cast<int64_t>(1e9 * options.seconds)) {}

bool RunClock::over() const { return SystemClock()->MonotonicNs() >= end_ns_; }

void RunClock::Note(int64_t started_ns, LoadRun* run) const {
  if (started_ns < begin_ns_) return;
  run->latencies_ms.push_back(1e-6f * static_cast<float>(SystemClock()->MonotonicNs() - started_ns));
}

double RunClock::measured_seconds() const { return 1e-9 * static_cast<double>(end_ns_ - begin_ns_); }

}  // namespace lineal::bench
