// What this machine can do at most, and how near the kernels of index/kernels come.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/limits/limits_report.h"
#include "index/kernels/active_kernels.h"

namespace lineal::bench {
namespace {

int Run(int argc, char** argv) {
  CLI::App app("Limits of this machine, and the share of them that every kernel reaches.");
  size_t memory_mb = 256, repeats = 7;
  double slice_us = 1'500;
  std::vector<size_t> dims = {96, 100, 128, 256, 384, 512, 768, 1'024, 1'536, 3'072};
  bool json = false;
  app.add_option("--memory-mb", memory_mb, "rows that stream from memory take so much; far more than the last cache")
      ->check(CLI::Range(2, 65'536));
  app.add_option("--repeats", repeats, "slices of each measurement, of which the best counts")
      ->check(CLI::Range(1, 1'000));
  app.add_option("--slice-us", slice_us, "the least a slice takes")->check(CLI::Range(1.0, 1e6));
  app.add_option("--dims", dims, "dimensions")->delimiter(',')->check(CLI::Range(1, 65'536));
  app.add_flag("--json", json, "one JSON object a line instead of tables");
  CLI11_PARSE(app, argc, argv);

  const Effort effort{repeats, slice_us * 1e-6};
  std::fprintf(stderr, "filling %zu MB …\n", memory_mb);
  const Arena arena(memory_mb << 20);
  std::fprintf(stderr, "measuring the machine …\n");
  const ArithmeticTable& arithmetic = ArithmeticOf(index::ActiveKernels().name);
  const MachineLimits limits = MeasureMachine(effort, arena, arithmetic);
  const std::vector<KernelRate> rates = MeasureKernels(effort, arena, limits, arithmetic, dims);
  std::fputs((json ? LimitsJson : LimitsMarkdown)(limits, rates).c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace lineal::bench

int main(int argc, char** argv) { return lineal::bench::Run(argc, argv); }
