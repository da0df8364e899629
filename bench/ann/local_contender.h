// A library in this process: what it does for one query is timed here, the same way for all.
//
// Threads: as a Contender; SearchOne() is called from several threads at once.
#pragma once

#include "bench/ann/contender.h"

namespace lineal::bench {

class LocalContender : public Contender {
 public:
  absl::StatusOr<BuildCost> Build(const DataSet& data, const BuildSettings& settings) final;
  absl::StatusOr<double> Search(const Matrix& queries, Effort effort, size_t k, uint32_t* ids) final;
  absl::StatusOr<std::optional<double>> SearchTogether(const Matrix& queries, Effort effort, size_t k,
                                                       size_t threads) final;

 protected:
  virtual absl::Status BuildIndex(const DataSet& data, const BuildSettings& settings) = 0;
  virtual void SetEffort(Effort effort) = 0;
  // Writes k ids.
  virtual void SearchOne(const float* query, size_t k, uint32_t* ids) = 0;
};

}  // namespace lineal::bench
