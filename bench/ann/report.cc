#include "bench/ann/report.h"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "index/kernels/active_kernels.h"

namespace lineal::bench {
namespace {

template <class... Args>
std::string Format(const char* format, Args... args) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, args...);
  return buffer;
}

std::string CpuName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

std::string QpsCell(const Result& result, double target) {
  const Point* point = FastestAt(result, target);
  if (point == nullptr) return "–";
  const Spread spread = SpreadOf(point->qps);
  return Format("%.0f (%.0f–%.0f)", spread.median, spread.min, spread.max);
}

std::string QpsAllCell(const Result& result, double target) {
  const Point* point = FastestAt(result, target);
  return point == nullptr || !point->qps_all ? "–" : Format("%.0f", *point->qps_all);
}

std::string PointsLine(const Result& result) {
  std::string line = "- " + result.system + ": " + result.effort_names.first;
  if (!result.effort_names.second.empty()) line += "/" + result.effort_names.second;
  for (const Point& point : Frontier(result)) {
    line += Format(" %zu", point.effort.width);
    if (point.effort.refine > 0) line += Format("/%zu", point.effort.refine);
    line += Format(" → %.4f, %.0f;", point.recall, SpreadOf(point.qps).median);
  }
  return line + "\n";
}

nlohmann::ordered_json Params(const Result& result, const Effort& effort) {
  nlohmann::ordered_json params = {{result.effort_names.first, effort.width}};
  if (effort.refine > 0) params[result.effort_names.second] = effort.refine;
  return params;
}

}  // namespace

std::string MachineLine() {
  return Format("%s, gcc %s, kernels %s", CpuName().c_str(), __VERSION__, index::ActiveKernels().name);
}

std::string MarkdownReport(const DataSet& data, const BuildSettings& settings, const SearchSettings& search,
                           const std::vector<Entrant>& entrants) {
  std::string out =
      Format("\n### %s: %zu × %zu, %zu queries, m %zu, ef_construct %zu, built on %zu threads\n\n", data.name.c_str(),
             data.base.rows(), data.base.dim, data.queries.rows(), settings.m, settings.ef_construct, settings.threads);
  out += "| | build s (CPU s) | memory MB | QPS at recall 0.90 | at 0.95 | at 0.99 | " +
         Format("%zu threads at 0.90 | at 0.95 | at 0.99 |\n", search.threads) +
         "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Entrant& entrant : entrants) {
    const Result& result = entrant.result;
    out += Format("| %s | %.1f (%.1f) | %.0f |", result.system.c_str(), result.build.seconds, result.build.cpu_seconds,
                  result.build.memory_mb);
    for (double target : kRecallTargets) out += " " + QpsCell(result, target) + " |";
    for (double target : kRecallTargets) out += " " + QpsAllCell(result, target) + " |";
    out += "\n";
  }
  out += Format(
      "\nQPS: queries per CPU-second of one thread, median (min–max) of %zu repeats; of %zu threads: per second of "
      "wall "
      "time. Points that no other beats (effort → recall, QPS):\n\n",
      search.repeats, search.threads);
  for (const Entrant& entrant : entrants) out += PointsLine(entrant.result);
  return out;
}

std::string JsonReport(const DataSet& data, const std::vector<Entrant>& entrants) {
  std::string out;
  for (const Entrant& entrant : entrants) {
    const Result& result = entrant.result;
    for (double target : kRecallTargets) {
      nlohmann::ordered_json line = {{"set", data.name},
                                     {"system", result.system},
                                     {"recall_target", target},
                                     {"recall", nullptr},
                                     {"qps_1t", nullptr},
                                     {"qps_all", nullptr},
                                     {"build_s", result.build.seconds},
                                     {"memory_mb", result.build.memory_mb},
                                     {"params", nullptr}};
      if (const Point* point = FastestAt(result, target); point != nullptr) {
        line["recall"] = point->recall;
        line["qps_1t"] = SpreadOf(point->qps).median;
        if (point->qps_all) line["qps_all"] = *point->qps_all;
        line["params"] = Params(result, point->effort);
      }
      out += line.dump() + "\n";
    }
  }
  return out;
}

}  // namespace lineal::bench
