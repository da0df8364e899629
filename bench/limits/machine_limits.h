// What the machine does at most: reading memory, arithmetic on registers, random rows.
//
// Threads: one at a time; a measurement may start threads of its own.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "bench/limits/arithmetic.h"

namespace lineal::bench {

// How long and how often: the best of `repeats` slices counts, so that a busy neighbour shows in none of them.
struct Effort {
  size_t repeats = 7;
  double slice_s = 2e-3;
};

// Seconds of this thread's processor that one call of `work` takes, best slice.
double SecondsOf(const Effort& effort, const std::function<void()>& work);

// Memory on huge pages where the system gives them, filled with bytes that are small as floats, halves and numbers.
class Arena {
 public:
  explicit Arena(size_t bytes);
  const std::byte* data() const { return data_.get(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(std::byte* at) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  size_t bytes_;
};

// The working sets of a kernel.
enum class Level { kCache, kLastCache, kMemory };
inline constexpr Level kLevels[] = {Level::kCache, Level::kLastCache, Level::kMemory};
const char* NameOf(Level level);
size_t BytesOf(Level level, size_t memory_bytes);

struct MachineLimits {
  double first_cache_bytes_s = 0;  // reads of 16 KB, which bound every load
  double bytes_s[3] = {};          // by Level, one thread
  double memory_bytes_s_all = 0;   // all threads together
  size_t threads = 1;
  double fused_flops_s = 0;  // two operations a float
  double byte_ops_s = 0;     // two operations a byte
  double random_row_s = 0, random_row_prefetched_s = 0;
};

MachineLimits MeasureMachine(const Effort& effort, const Arena& arena, const ArithmeticTable& arithmetic);
// Components of rows a second.
double RateOf(const Effort& effort, const Arithmetic& arithmetic);

}  // namespace lineal::bench
