// A library under test.
//
// Threads: Build() once; then Search() from one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "bench/ann/data_set.h"

namespace lineal::bench {

struct BuildSettings {
  size_t m = 16;
  size_t ef_construct = 200;
  size_t threads = 1;
  Executor* executor = nullptr;  // of threads - 1
};

class Contender {
 public:
  virtual ~Contender() = default;
  virtual std::string name() const = 0;
  // Rows of cosine sets are normalised already.
  virtual void Build(const DataSet& data, const BuildSettings& settings) = 0;
  // The widths (ef_search, nprobe) worth measuring, in growing order.
  virtual std::vector<size_t> Widths() const = 0;
  virtual void SetWidth(size_t width) = 0;
  // Writes k ids.
  virtual void Search(const float* query, size_t k, uint32_t* ids) = 0;
};

// With `codes` the graph is walked by 8-bit codes.
std::unique_ptr<Contender> MakeLineal(bool codes);
std::unique_ptr<Contender> MakeLinealIvf();
// Each null where the library was not found when this program was built.
std::unique_ptr<Contender> MakeHnswlib();
std::unique_ptr<Contender> MakeFaissHnsw();
std::unique_ptr<Contender> MakeFaissIvf();

inline std::vector<size_t> BeamWidths() { return {10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512}; }

}  // namespace lineal::bench
