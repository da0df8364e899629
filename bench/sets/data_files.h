// Vectors and exact answers in files, little-endian throughout:
//   .fbin, .ibin    u32 rows, u32 columns, then the rows (float32, int32)
//   .fvecs, .ivecs  each row after its own u32 length
//   .npy            two dimensions in C order: float32; int32 or int64
// An .ibin may have as many float32 distances after the ids, which are not read.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/sets/data_set.h"

namespace lineal::bench {

inline constexpr size_t kColumnsMax = 65'536;
inline constexpr size_t kRowsMax = 0xffff'fffe;

// INVALID_ARGUMENT naming the file and, for one whose size is not what its header says, the bytes expected and found;
// also for components that are not finite numbers.
absl::StatusOr<Matrix> ReadMatrix(const std::string& path);

// Fills data->truth for the rows and queries that `data` has, all of its queries. INVALID_ARGUMENT if the file has
// another number of queries, fewer than `k` answers for each, or ids that are no row's.
absl::Status ReadTruth(const std::string& path, size_t k, DataSet* data);

// As .fbin.
absl::Status WriteMatrix(const std::string& path, const Matrix& matrix);

}  // namespace lineal::bench
