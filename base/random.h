// Randomness as a parameter: a small fast generator with a seed (SplitMix64), so that a run can be repeated.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace lineal {

// Threads: one at a time.
class Random {
 public:
  using result_type = uint64_t;
  explicit Random(uint64_t seed) : state_(seed) {}
  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return std::numeric_limits<uint64_t>::max(); }
  uint64_t operator()() { return Next(); }

  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  // In [0, bound); bound > 0.
  uint64_t Below(uint64_t bound) { return static_cast<uint64_t>(static_cast<unsigned __int128>(Next()) * bound >> 64); }
  // In [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  // Standard normal (Box-Muller).
  double Gaussian();

 private:
  uint64_t state_;
};

// A seed from the operating system, for what must differ between runs.
uint64_t SystemSeed();
// Bytes that nobody can guess, from the kernel: for keys and salts.
std::string SecretBytes(size_t size);

}  // namespace lineal
