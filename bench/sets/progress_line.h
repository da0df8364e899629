// How far something is, on a terminal line of stderr that is written over; silent for what ends within two seconds.
//
// Threads: any may call Add().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace lineal::bench {

class ProgressLine {
 public:
  ProgressLine(std::string what, size_t total);
  ~ProgressLine();
  void Add(size_t done);

 private:
  const std::string what_;
  const size_t total_;
  std::atomic<size_t> done_{0};
  std::atomic<int64_t> next_ns_;
  std::atomic<bool> shown_{false};
};

}  // namespace lineal::bench
