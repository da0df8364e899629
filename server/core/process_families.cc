#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "server/core/metric_families.h"
#include "server/core/process_status.h"

namespace lineal::server {
namespace {

using prometheus::MetricType;

std::string ReadProc(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

double OpenDescriptors() {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  // One of them is the iterator's own.
  return error ? 0 : static_cast<double>(std::distance(entries, {})) - 1;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

void AppendMemory(double resident, std::vector<prometheus::MetricFamily>* out) {
  const struct mallinfo2 heap = mallinfo2();
  const auto gauge = [out](const char* name, const char* help, double value) {
    FamilyBuilder(name, help).Add({}, value).AppendTo(out);
  };
  gauge("memory_resident_bytes", "Bytes of physical memory held by the process", resident);
  gauge("memory_allocated_bytes", "Bytes allocated by the program",
        static_cast<double>(heap.uordblks) + static_cast<double>(heap.hblkhd));
  gauge("memory_active_bytes", "Bytes in pages that the allocator holds",
        static_cast<double>(heap.arena) + static_cast<double>(heap.hblkhd));
  gauge("memory_retained_bytes", "Bytes that the allocator keeps for later", static_cast<double>(heap.fordblks));
  gauge("process_resident_memory_bytes", "Bytes of physical memory held by the process", resident);
}

}  // namespace

void AppendProcessFamilies(std::vector<prometheus::MetricFamily>* out) {
  const std::string status = ReadProcessStatus();
  AppendMemory(static_cast<double>(1024 * StatusField(status, "VmRSS:")), out);

  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const std::string maps = ReadProc("/proc/self/maps");
  const auto add = [out](const char* name, const char* help, MetricType type, double value) {
    FamilyBuilder(name, help, type).Add({}, value).AppendTo(out);
  };
  add("process_threads", "Threads of the process", MetricType::Gauge,
      static_cast<double>(StatusField(status, "Threads:")));
  add("process_open_fds", "Open file descriptors", MetricType::Gauge, OpenDescriptors());
  add("process_max_fds", "Limit of open file descriptors", MetricType::Gauge, static_cast<double>(files.rlim_cur));
  add("process_open_mmaps", "Memory mappings of the process", MetricType::Gauge,
      static_cast<double>(std::count(maps.begin(), maps.end(), '\n')));
  add("process_major_page_faults_total", "Page faults that read from disk", MetricType::Counter,
      static_cast<double>(usage.ru_majflt));
  add("process_minor_page_faults_total", "Page faults served from memory", MetricType::Counter,
      static_cast<double>(usage.ru_minflt));
  add("process_cpu_seconds_total", "User and system processor time", MetricType::Counter,
      Seconds(usage.ru_utime) + Seconds(usage.ru_stime));
}

}  // namespace lineal::server
