#include "bench/filter/filter_run.h"

#include <time.h>

#include <algorithm>
#include <cstdio>

#include "base/status.h"
#include "bench/sets/progress_line.h"

namespace lineal::bench {
namespace {

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

using Answers = std::vector<std::vector<uint64_t>>;

struct Case {
  FilterResult result;
  std::vector<engine::SearchRequest> requests;
};

Case MakeCase(const DataSet& data, const FilterPlan& plan, size_t k, std::optional<uint32_t> ef_search,
              std::optional<Correlation> correlation, double selectivity) {
  Case made;
  made.result = {correlation, selectivity, correlation ? plan.RowsAt(selectivity) : plan.rows, 0, {}};
  for (const Question& question : plan.questions) {
    engine::SearchRequest request;
    const float* vector = data.queries.row(question.query);
    request.query = std::vector<float>(vector, vector + data.queries.dim);
    request.limit = k;
    request.ef_search = ef_search;
    if (correlation) request.filter = plan.FilterFor(*correlation, selectivity, question.pivot);
    made.requests.push_back(std::move(request));
  }
  return made;
}

std::vector<Case> MakeCases(const DataSet& data, const FilterPlan& plan, size_t k, std::optional<uint32_t> ef_search,
                            const std::vector<double>& selectivities) {
  std::vector<Case> cases;
  cases.push_back(MakeCase(data, plan, k, ef_search, std::nullopt, 1));
  for (Correlation correlation : kCorrelations) {
    for (double selectivity : selectivities) {
      cases.push_back(MakeCase(data, plan, k, ef_search, correlation, selectivity));
    }
  }
  for (double share : plan.tenants) {
    cases.push_back(MakeCase(data, plan, k, ef_search, Correlation::kTenant, share));
  }
  return cases;
}

absl::StatusOr<Answers> AskAll(const std::vector<engine::SearchRequest>& requests, engine::Collection* collection) {
  Answers answers;
  for (const engine::SearchRequest& request : requests) {
    LINEAL_ASSIGN_OR_RETURN(const std::vector<engine::ScoredPoint> found, collection->Search(request));
    std::vector<uint64_t>& ids = answers.emplace_back();
    for (const engine::ScoredPoint& scored : found) ids.push_back(scored.point.id.number());
  }
  return answers;
}

double RecallOf(const Answers& answers, const Answers& truth) {
  size_t hits = 0, wanted = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    wanted += truth[i].size();
    for (uint64_t id : truth[i]) hits += std::ranges::count(answers[i], id) > 0;
  }
  return wanted == 0 ? 1 : static_cast<double>(hits) / static_cast<double>(wanted);
}

// Doubles as the warm-up.
absl::Status MeasureRecall(Case* one, engine::Collection* collection) {
  std::vector<engine::SearchRequest> exact = one->requests;
  for (engine::SearchRequest& request : exact) request.exact = true;
  LINEAL_ASSIGN_OR_RETURN(const Answers truth, AskAll(exact, collection));
  LINEAL_ASSIGN_OR_RETURN(const Answers answers, AskAll(one->requests, collection));
  one->result.recall = RecallOf(answers, truth);
  return absl::OkStatus();
}

}  // namespace

double FilterResult::median_qps() const {
  if (qps.empty()) return 0;
  std::vector<double> sorted = qps;
  std::ranges::sort(sorted);
  return sorted[sorted.size() / 2];
}

absl::StatusOr<std::vector<FilterResult>> RunFilters(const DataSet& data, const FilterPlan& plan, size_t k,
                                                     std::optional<uint32_t> ef_search,
                                                     const std::vector<double>& selectivities, size_t repeats,
                                                     engine::Collection* collection) {
  std::vector<Case> cases = MakeCases(data, plan, k, ef_search, selectivities);
  {
    ProgressLine progress("filters compared with exact search", cases.size());
    for (Case& one : cases) {
      LINEAL_RETURN_IF_ERROR(MeasureRecall(&one, collection));
      progress.Add(1);
    }
  }
  ProgressLine progress("filters measured", cases.size() * repeats);
  for (size_t repeat = 0; repeat < repeats; ++repeat) {
    for (Case& one : cases) {
      const double start = CpuSeconds();
      LINEAL_RETURN_IF_ERROR(AskAll(one.requests, collection).status());
      one.result.qps.push_back(static_cast<double>(one.requests.size()) / std::max(CpuSeconds() - start, 1e-9));
      progress.Add(1);
    }
  }
  std::vector<FilterResult> results;
  for (Case& one : cases) results.push_back(std::move(one.result));
  return results;
}

}  // namespace lineal::bench
