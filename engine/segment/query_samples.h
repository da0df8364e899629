// A few recent queries of one collection, for measuring how well its graphs answer them. They live in memory only: what
// users ask is never written anywhere, and is forgotten when the process ends.
//
// Threads: any. Offer() never waits: when two searches offer at once one of them is not taken.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

namespace lineal::engine {

class QuerySamples {
 public:
  // For each vector at most so many queries, and at most so many bytes.
  static constexpr size_t kKept = 128;
  static constexpr size_t kKeptBytes = 4 << 20;  // and kEnough in any case
  // So many are enough to be measured with alone.
  static constexpr size_t kEnough = 64;

  // Takes the query if it is one of the first, or else the sixteenth since the last; never one that is kept already.
  void Offer(uint32_t vector_number, std::span<const float> values);
  std::vector<std::vector<float>> Take(uint32_t vector_number) const;
  // Grows by one when there are enough for the first time, and from then on whenever all that are kept were replaced
  // and lie elsewhere: their mean is farther from that of before than half of what they are, on average, from it.
  uint64_t generation(uint32_t vector_number) const;

 private:
  struct Ring {
    std::vector<std::vector<float>> queries;
    std::vector<uint64_t> hashes;
    size_t next = 0;  // place of the oldest, once full
    uint64_t generation = 0;
    std::vector<double> mean;  // when the generation began
  };
  static void Look(Ring* ring);

  mutable std::mutex mutex_;
  std::map<uint32_t, Ring> rings_;
  std::atomic<uint64_t> offered_{0};
};

}  // namespace lineal::engine
