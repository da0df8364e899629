#include "bench/limits/limits_report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "index/kernels/active_kernels.h"

namespace lineal::bench {
namespace {

constexpr double kEnough = 0.85;

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

std::string MachineTable(const MachineLimits& limits) {
  std::string out = Format("%s, gcc %s, kernels %s\n\n| limit | |\n| --- | --- |\n", CpuName().c_str(), __VERSION__,
                           index::ActiveKernels().name);
  out += Format("| reading 16 KB | %.1f GB/s |\n", limits.first_cache_bytes_s * 1e-9);
  for (const Level level : kLevels) {
    out += Format("| reading %s, 1 thread | %.1f GB/s |\n", NameOf(level),
                  limits.bytes_s[static_cast<size_t>(level)] * 1e-9);
  }
  out += Format("| reading memory, %zu threads | %.1f GB/s |\n", limits.threads, limits.memory_bytes_s_all * 1e-9);
  out += Format("| f32 multiply-add, 1 thread | %.1f GFLOP/s |\n", limits.fused_flops_s * 1e-9);
  out += Format("| 8-bit multiply-add, 1 thread | %.1f GOP/s |\n", limits.byte_ops_s * 1e-9);
  out += Format("| random row of 512 bytes with its distance | %.1f ns |\n", limits.random_row_s * 1e9);
  out += Format("| the same, prefetched | %.1f ns |\n", limits.random_row_prefetched_s * 1e9);
  return out;
}

std::vector<size_t> DimsOf(const std::vector<KernelRate>& rates) {
  std::vector<size_t> dims;
  for (const KernelRate& rate : rates) dims.push_back(rate.dim);
  std::sort(dims.begin(), dims.end());
  dims.erase(std::unique(dims.begin(), dims.end()), dims.end());
  return dims;
}

// One line a kernel and level; rates are in that order.
std::string KernelTableOf(const std::vector<KernelRate>& rates, const std::vector<size_t>& dims) {
  std::string out = "| kernel | rows in |", rule = "| --- | --- |";
  for (const size_t dim : dims) out += Format(" %zu |", dim), rule += " --- |";
  out += "\n" + rule + "\n";
  for (auto line = rates.begin(); line != rates.end();) {
    const auto end = std::find_if(line, rates.end(), [&](const KernelRate& rate) {
      return rate.kernel != line->kernel || rate.level != line->level;
    });
    out += Format("| %s | %s |", line->kernel.c_str(), NameOf(line->level));
    for (const size_t dim : dims) {
      const auto cell = std::find_if(line, end, [&](const KernelRate& rate) { return rate.dim == dim; });
      out += cell == end ? " – |" : Format(" %.0f %%, %.4g |", cell->share() * 100, 1e-6 / cell->row_s);
    }
    out += "\n";
    line = end;
  }
  return out;
}

std::string BelowEnough(const std::vector<KernelRate>& rates) {
  std::string out = Format("\nUnder %.0f %% of the bound:\n\n", kEnough * 100);
  bool any = false;
  for (auto line = rates.begin(); line != rates.end();) {
    const auto end = std::find_if(line, rates.end(), [&](const KernelRate& rate) {
      return rate.kernel != line->kernel || rate.level != line->level;
    });
    std::string dims;
    for (auto cell = line; cell != end; ++cell) {
      if (cell->share() < kEnough) dims += Format(" %zu (%.0f %%, %s)", cell->dim, cell->share() * 100, cell->bound);
    }
    if (!dims.empty()) out += Format("- %s, %s:", line->kernel.c_str(), NameOf(line->level)) + dims + "\n", any = true;
    line = end;
  }
  return any ? out : out + "- none\n";
}

}  // namespace

std::string LimitsMarkdown(const MachineLimits& limits, const std::vector<KernelRate>& rates) {
  return MachineTable(limits) +
         "\nShare of the bound, and million rows a second, by dimension. A tile's row is one against four "
         "queries.\n\n" +
         KernelTableOf(rates, DimsOf(rates)) + BelowEnough(rates);
}

std::string LimitsJson(const MachineLimits& limits, const std::vector<KernelRate>& rates) {
  nlohmann::json machine = {{"processor", CpuName()},
                            {"kernels", index::ActiveKernels().name},
                            {"threads", limits.threads},
                            {"first_cache_bytes_s", limits.first_cache_bytes_s},
                            {"memory_bytes_s_all", limits.memory_bytes_s_all},
                            {"fused_flops_s", limits.fused_flops_s},
                            {"byte_ops_s", limits.byte_ops_s},
                            {"random_row_s", limits.random_row_s},
                            {"random_row_prefetched_s", limits.random_row_prefetched_s}};
  for (const Level level : kLevels) machine["bytes_s"][NameOf(level)] = limits.bytes_s[static_cast<size_t>(level)];
  std::string out = machine.dump() + "\n";
  for (const KernelRate& rate : rates) {
    out += nlohmann::json({{"kernel", rate.kernel},
                           {"rows_in", NameOf(rate.level)},
                           {"dim", rate.dim},
                           {"row_s", rate.row_s},
                           {"bound_s", rate.bound_s},
                           {"bound", rate.bound},
                           {"share", rate.share()}})
               .dump() +
           "\n";
  }
  return out;
}

}  // namespace lineal::bench
