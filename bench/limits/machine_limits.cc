#include "bench/limits/machine_limits.h"

#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "index/kernels/active_kernels.h"
#include "index/vectors/prefetch.h"

namespace lineal::bench {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kRowBytes = 512;
constexpr size_t kAhead = 12;

double ThreadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double ReadRate(const Effort& effort, const Arena& arena, size_t bytes, const ArithmeticTable& arithmetic) {
  // Many times a call where a call would count.
  const size_t passes = std::max<size_t>(1, (size_t{1} << 20) / bytes);
  const double seconds = SecondsOf(effort, [&] {
    for (size_t i = 0; i < passes; ++i) arithmetic.read(arena.data(), bytes);
  });
  return static_cast<double>(passes * bytes) / seconds;
}

double ReadRateOfAll(const Effort& effort, const Arena& arena, size_t threads, const ArithmeticTable& arithmetic) {
  Executor executor("limits", threads - 1);
  const size_t share = arena.bytes() / threads / 4'096 * 4'096;
  double best = 0;
  for (size_t repeat = 0; repeat < effort.repeats; ++repeat) {
    const int64_t start = SystemClock()->MonotonicNs();
    executor.ParallelFor(threads, [&](size_t i) { arithmetic.read(arena.data() + i * share, share); });
    const double seconds = static_cast<double>(SystemClock()->MonotonicNs() - start) * 1e-9;
    best = std::max(best, static_cast<double>(threads * share) / seconds);
  }
  return best;
}

// Seconds a row of 128 floats anywhere in the arena, its distance included.
double RandomRow(const Effort& effort, const Arena& arena, bool prefetch) {
  const size_t rows = arena.bytes() / kRowBytes;
  std::vector<uint32_t> order(std::min<size_t>(rows, 1 << 16) / 4 * 4);
  Random random(11);
  for (uint32_t& row : order) row = static_cast<uint32_t>(random.Below(rows));
  const std::vector<std::byte> query(kRowBytes);
  const index::KernelFour l2 = index::KernelOf(index::ActiveKernels(), index::Operands::kF32F32, index::Sum::kL2).four;
  const auto at = [&](size_t i) { return arena.data() + order[i] * kRowBytes; };
  const double seconds = SecondsOf(effort, [&] {
    float out[4];
    for (size_t i = 0; i < order.size(); i += 4) {
      for (size_t j = i + kAhead; prefetch && j < std::min(i + kAhead + 4, order.size()); ++j) {
        index::PrefetchRow(at(j), kRowBytes / index::kCacheLine);
      }
      const std::byte* four[4] = {at(i), at(i + 1), at(i + 2), at(i + 3)};
      l2(query.data(), four, kRowBytes / sizeof(float), out);
    }
  });
  return seconds / static_cast<double>(order.size());
}

}  // namespace

double SecondsOf(const Effort& effort, const std::function<void()>& work) {
  double best = 0;
  size_t calls = 1;
  for (size_t repeat = 0; repeat <= effort.repeats;) {
    const double start = ThreadSeconds();
    for (size_t i = 0; i < calls; ++i) work();
    const double seconds = ThreadSeconds() - start;
    // The first slices find how many calls fill one, and warm up.
    if (repeat == 0 && seconds < effort.slice_s) {
      calls = std::max(calls + 1, seconds <= 0 ? calls * 16
                                               : static_cast<size_t>(static_cast<double>(calls) *
                                                                     std::min(16.0, effort.slice_s / seconds)));
      if (seconds < effort.slice_s / 2) continue;
    }
    const double each = seconds / static_cast<double>(calls);
    if (repeat++ > 0) best = best == 0 ? each : std::min(best, each);
  }
  return best;
}

void Arena::Free::operator()(std::byte* at) const { std::free(at); }

Arena::Arena(size_t bytes) : bytes_((bytes + kHugePage - 1) / kHugePage * kHugePage) {
  data_.reset(static_cast<std::byte*>(std::aligned_alloc(kHugePage, bytes_)));
  LINEAL_CHECK(data_ != nullptr);
  madvise(data_.get(), bytes_, MADV_HUGEPAGE);
  // 0x3c..3f in every byte is 0.01 to 1.2 as floats and 1 to 1.8 as halves.
  uint64_t state = 1;
  for (size_t i = 0; i < bytes_; i += sizeof state) {
    state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    const uint64_t word = (state >> 31 & 0x0303030303030303u) | 0x3c3c3c3c3c3c3c3cu;
    std::memcpy(data_.get() + i, &word, sizeof word);
  }
}

const char* NameOf(Level level) {
  switch (level) {
    case Level::kCache:
      return "L1/L2";
    case Level::kLastCache:
      return "L3";
    case Level::kMemory:
      return "memory";
  }
  __builtin_unreachable();
}

size_t BytesOf(Level level, size_t memory_bytes) {
  switch (level) {
    case Level::kCache:
      return std::min<size_t>(256 << 10, memory_bytes);
    case Level::kLastCache:
      return std::min<size_t>(8 << 20, memory_bytes);
    case Level::kMemory:
      return memory_bytes;
  }
  __builtin_unreachable();
}

double RateOf(const Effort& effort, const Arithmetic& arithmetic) {
  constexpr size_t kSteps = 1'000;
  return static_cast<double>(kSteps * arithmetic.components) / SecondsOf(effort, [&] { arithmetic.run(kSteps); });
}

MachineLimits MeasureMachine(const Effort& effort, const Arena& arena, const ArithmeticTable& arithmetic) {
  MachineLimits limits;
  limits.threads = std::max(1u, std::thread::hardware_concurrency());
  limits.first_cache_bytes_s = ReadRate(effort, arena, 16 << 10, arithmetic);
  for (const Level level : kLevels) {
    limits.bytes_s[static_cast<size_t>(level)] = ReadRate(effort, arena, BytesOf(level, arena.bytes()), arithmetic);
  }
  limits.memory_bytes_s_all = ReadRateOfAll(effort, arena, limits.threads, arithmetic);
  if (arithmetic.code_dot.run != nullptr) {
    limits.fused_flops_s = 2 * RateOf(effort, arithmetic.fused_multiply_add);
    limits.byte_ops_s = 2 * RateOf(effort, arithmetic.code_dot);
  }
  limits.random_row_s = RandomRow(effort, arena, false);
  limits.random_row_prefetched_s = RandomRow(effort, arena, true);
  return limits;
}

}  // namespace lineal::bench
