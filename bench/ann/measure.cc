#include "bench/ann/measure.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "base/clock.h"

namespace lineal::bench {
namespace {

constexpr double kRecallEnough = 0.995;

double CpuSeconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double ResidentMb() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

double RecallOf(const DataSet& data, size_t query, size_t k, const uint32_t* ids) {
  const uint32_t* truth = data.truth.data() + query * data.truth_k;
  size_t hits = 0;
  for (size_t i = 0; i < k; ++i) hits += std::find(truth, truth + k, ids[i]) != truth + k;
  return static_cast<double>(hits) / static_cast<double>(k);
}

// All queries once; returns the recall.
double RunOnce(const DataSet& data, size_t k, Contender* contender, double* qps) {
  std::vector<uint32_t> ids(data.queries.rows() * k);
  const double start = CpuSeconds(CLOCK_THREAD_CPUTIME_ID);
  for (size_t i = 0; i < data.queries.rows(); ++i) contender->Search(data.queries.row(i), k, ids.data() + i * k);
  *qps = static_cast<double>(data.queries.rows()) / (CpuSeconds(CLOCK_THREAD_CPUTIME_ID) - start);
  double recall = 0;
  for (size_t i = 0; i < data.queries.rows(); ++i) recall += RecallOf(data, i, k, ids.data() + i * k);
  return recall / static_cast<double>(data.queries.rows());
}

// Finds the widths worth measuring; doubles as the warm-up.
void ChoosePoints(const DataSet& data, size_t k, Entrant* entrant) {
  for (size_t width : entrant->contender->Widths()) {
    Point point{width, 0, {}};
    entrant->contender->SetWidth(width);
    double ignored;
    point.recall = RunOnce(data, k, entrant->contender.get(), &ignored);
    entrant->result.points.push_back(point);
    std::fprintf(stderr, "%s: width %zu, recall %.4f\n", entrant->result.contender.c_str(), width, point.recall);
    if (point.recall >= kRecallEnough) return;
  }
}

}  // namespace

Spread SpreadOf(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

void BuildEntrant(const DataSet& data, const BuildSettings& settings, Entrant* entrant) {
  Result& result = entrant->result;
  result.contender = entrant->contender->name();
  std::fprintf(stderr, "%s: building over %zu × %zu …", result.contender.c_str(), data.base.rows(), data.base.dim);
  const double resident = ResidentMb(), cpu = CpuSeconds(CLOCK_PROCESS_CPUTIME_ID);
  const int64_t start = SystemClock()->MonotonicNs();
  entrant->contender->Build(data, settings);
  result.build_seconds = static_cast<double>(SystemClock()->MonotonicNs() - start) * 1e-9;
  result.build_cpu_seconds = CpuSeconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  result.rss_mb = ResidentMb() - resident;
  std::fprintf(stderr, " %.1f s\n", result.build_seconds);
}

void SearchAll(const DataSet& data, size_t k, size_t repeats, std::vector<Entrant>* entrants) {
  for (Entrant& entrant : *entrants) ChoosePoints(data, k, &entrant);
  for (size_t repeat = 0; repeat < repeats; ++repeat) {
    std::fprintf(stderr, "repeat %zu of %zu\n", repeat + 1, repeats);
    for (Entrant& entrant : *entrants) {
      for (Point& point : entrant.result.points) {
        entrant.contender->SetWidth(point.width);
        double qps = 0;
        point.recall = RunOnce(data, k, entrant.contender.get(), &qps);
        point.qps.push_back(qps);
      }
    }
  }
}

std::vector<double> QpsAtRecall(const Result& result, double recall) {
  for (size_t i = 0; i < result.points.size(); ++i) {
    const Point& above = result.points[i];
    if (above.recall < recall) continue;
    if (i == 0) return above.qps;
    const Point& below = result.points[i - 1];
    const double share = (recall - below.recall) / std::max(above.recall - below.recall, 1e-9);
    std::vector<double> qps;
    for (size_t r = 0; r < above.qps.size(); ++r) {
      qps.push_back(std::exp(std::log(below.qps[r]) * (1 - share) + std::log(above.qps[r]) * share));
    }
    return qps;
  }
  return {};
}

}  // namespace lineal::bench
