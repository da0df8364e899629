#include "bench/ann/report.h"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "index/kernels/active_kernels.h"

namespace lineal::bench {
namespace {

constexpr double kRecalls[] = {0.90, 0.95, 0.99};

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

std::string QpsCell(const Result& result, double recall) {
  const Spread spread = SpreadOf(QpsAtRecall(result, recall));
  if (spread.median == 0) return "–";
  return Format("%.0f (%.0f–%.0f)", spread.median, spread.min, spread.max);
}

std::string WidthsLine(const Result& result) {
  std::string line = "  " + result.contender + ":";
  for (const Point& point : result.points) {
    line += Format(" %zu → %.4f, %.0f;", point.width, point.recall, SpreadOf(point.qps).median);
  }
  return line + "\n";
}

}  // namespace

std::string MachineLine() {
  return Format("%s, gcc %s, kernels %s", CpuName().c_str(), __VERSION__, index::ActiveKernels().name);
}

std::string MarkdownReport(const DataSet& data, const BuildSettings& settings, const std::vector<Entrant>& entrants) {
  std::string out =
      Format("\n### %s: %zu × %zu, %zu queries, m %zu, ef_construct %zu, built on %zu threads\n\n", data.name.c_str(),
             data.base.rows(), data.base.dim, data.queries.rows(), settings.m, settings.ef_construct, settings.threads);
  out +=
      "| | build s (CPU s) | memory MB | QPS at recall 0.90 | at 0.95 | at 0.99 |\n| --- | --- | --- | --- | --- | --- "
      "|\n";
  for (const Entrant& entrant : entrants) {
    const Result& result = entrant.result;
    out += Format("| %s | %.1f (%.1f) | %.0f |", result.contender.c_str(), result.build_seconds,
                  result.build_cpu_seconds, result.rss_mb);
    for (double recall : kRecalls) out += " " + QpsCell(result, recall) + " |";
    out += "\n";
  }
  out +=
      "\nQPS: queries per CPU-second of one thread, median (min–max) of the repeats. Points (width → recall, QPS):\n";
  for (const Entrant& entrant : entrants) out += WidthsLine(entrant.result);
  return out;
}

std::string JsonReport(const DataSet& data, const BuildSettings& settings, const std::vector<Entrant>& entrants) {
  std::string out;
  for (const Entrant& entrant : entrants) {
    const Result& result = entrant.result;
    nlohmann::json line = {{"set", data.name},
                           {"rows", data.base.rows()},
                           {"dim", data.base.dim},
                           {"m", settings.m},
                           {"ef_construct", settings.ef_construct},
                           {"threads", settings.threads},
                           {"machine", MachineLine()},
                           {"contender", result.contender},
                           {"build_s", result.build_seconds},
                           {"build_cpu_s", result.build_cpu_seconds},
                           {"memory_mb", result.rss_mb}};
    for (const Point& point : result.points) {
      const Spread qps = SpreadOf(point.qps);
      line["points"].push_back({{"width", point.width},
                                {"recall", point.recall},
                                {"qps", qps.median},
                                {"qps_min", qps.min},
                                {"qps_max", qps.max}});
    }
    out += line.dump() + "\n";
  }
  return out;
}

}  // namespace lineal::bench
