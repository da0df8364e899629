// A library under test, in this process or in one of its own.
//
// Threads: Build() once; then one thread at a time may call anything. SearchTogether() starts what threads it needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/executor.h"
#include "bench/sets/data_set.h"

namespace lineal::bench {

struct BuildSettings {
  size_t m = 16;
  size_t ef_construct = 200;
  size_t threads = 1;
  Executor* executor = nullptr;  // of threads - 1; null for one thread
};

// What a build took.
struct BuildCost {
  double seconds = 0, cpu_seconds = 0;
  double memory_mb = 0;  // that it added, its own copy of the vectors included, mapped files not
};

// How hard a search tries.
struct Effort {
  size_t width = 0;   // ef_search, nprobe
  size_t refine = 0;  // answers rescored for each one wanted (k_factor); 0 where nothing is chosen
  friend auto operator<=>(const Effort&, const Effort&) = default;
};

class Contender {
 public:
  virtual ~Contender() = default;
  virtual std::string name() const = 0;

  // Rows of cosine sets are normalised already. UNAVAILABLE, FAILED_PRECONDITION or INVALID_ARGUMENT, with the reason,
  // where the library cannot be had or cannot take this data.
  virtual absl::StatusOr<BuildCost> Build(const DataSet& data, const BuildSettings& settings) = 0;

  // The widths worth measuring, in growing order, and how many answers to refine; each pair is tried.
  virtual std::vector<size_t> Widths() const = 0;
  virtual std::vector<size_t> Refines() const { return {0}; }
  // What an effort's parts are called there: "ef_search", "".
  virtual std::pair<const char*, const char*> EffortNames() const = 0;

  // Asks every query once, one a call, on one thread; writes k ids for each, ~0 where there is none. CPU seconds.
  virtual absl::StatusOr<double> Search(const Matrix& queries, Effort effort, size_t k, uint32_t* ids) = 0;
  // Queries a second of wall time with so many threads asking at once; nothing where the library has no way to.
  virtual absl::StatusOr<std::optional<double>> SearchTogether(const Matrix& queries, Effort effort, size_t k,
                                                               size_t threads) = 0;
};

// A name on the command line.
struct System {
  const char* name;
  const char* what;
  bool is_peer;  // is measured only when named: most of these are installed on demand and run in a program of their own
  std::unique_ptr<Contender> (*make)();  // null where the library was not there when this program was built
};
const std::vector<System>& Systems();

inline std::vector<size_t> BeamWidths() { return {10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512}; }
inline std::vector<size_t> ProbeWidths() { return {1, 2, 4, 8, 16, 32, 64, 128, 256}; }

}  // namespace lineal::bench
