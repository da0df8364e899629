#include "bench/ann/local_contender.h"

#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>

#include "base/clock.h"
#include "base/status.h"

namespace lineal::bench {
namespace {

constexpr double kTogetherSecondsMin = 0.5;  // of a run on all threads, so that starting them counts for nothing

double CpuSeconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Without pages of mapped files, which the kernel may drop and read again.
double ResidentMb() {
  malloc_trim(0);  // what is free already is nobody's
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0, of_files = 0;
  file >> total >> resident >> of_files;
  return (resident - of_files) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

double SecondsSince(int64_t start_ns) { return static_cast<double>(SystemClock()->MonotonicNs() - start_ns) * 1e-9; }

}  // namespace

absl::StatusOr<BuildCost> LocalContender::Build(const DataSet& data, const BuildSettings& settings) {
  const double resident = ResidentMb(), cpu = CpuSeconds(CLOCK_PROCESS_CPUTIME_ID);
  const int64_t start = SystemClock()->MonotonicNs();
  LINEAL_RETURN_IF_ERROR(BuildIndex(data, settings));
  return BuildCost{SecondsSince(start), CpuSeconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, ResidentMb() - resident};
}

absl::StatusOr<double> LocalContender::Search(const Matrix& queries, Effort effort, size_t k, uint32_t* ids) {
  SetEffort(effort);
  const double start = CpuSeconds(CLOCK_THREAD_CPUTIME_ID);
  for (size_t i = 0; i < queries.rows(); ++i) SearchOne(queries.row(i), k, ids + i * k);
  return CpuSeconds(CLOCK_THREAD_CPUTIME_ID) - start;
}

absl::StatusOr<std::optional<double>> LocalContender::SearchTogether(const Matrix& queries, Effort effort, size_t k,
                                                                     size_t threads) {
  SetEffort(effort);
  Executor executor("bench-search", threads - 1);
  std::atomic<size_t> asked{0};
  const int64_t start = SystemClock()->MonotonicNs();
  executor.ParallelFor(threads, [&](size_t) {
    std::vector<uint32_t> ids(k);
    while (SecondsSince(start) < kTogetherSecondsMin) {
      // A clock is read for some queries at once only.
      for (size_t i = 0; i < 16; ++i) SearchOne(queries.row(asked.fetch_add(1) % queries.rows()), k, ids.data());
    }
  });
  return static_cast<double>(asked) / SecondsSince(start);
}

}  // namespace lineal::bench
