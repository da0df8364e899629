// RaBitQ codes of one bit a component (Gao and Long, SIGMOD 2024): the signs of a row's rotated offset from the
// centroid of its list. The estimate of a distance is unbiased, and how far it may be off is known row by row, so that
// a scan can say which rows need a second look. Codes lie in blocks of kScanRows rows (index/kernels/kernel_table.h).
//
// Where we differ: the query is not rounded to a few bits but enters tables of sums over four components; tables are
// made once a query, not once a list, from its offset from a center that all lists share.
//
// Threads: any; a RabitqQuery is immutable once made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/kernels/kernel_table.h"
#include "index/quantizers/rotation.h"
#include "index/vectors/row_format.h"

namespace lineal::index {

// Whether rows of this format can have such codes: f32 and f16 under L2, dot and cosine, of at most 8,192 components.
bool CanRabitq(const RowFormat& format);
// Bytes of a block of kScanRows rows of `dim` components.
size_t RabitqBlockBytes(uint32_t dim);
// Copies a row's code into an empty place of another block. Both are of lists with the same centroid, rotation and
// center.
void CopyRabitqCode(uint32_t dim, const std::byte* from, size_t from_slot, std::byte* to, size_t to_slot);

class RabitqEncoder {
 public:
  // `distance` is that of the rows; cosine rows are normalised. `rotation` and `center` (dim floats) outlive this.
  RabitqEncoder(Distance distance, const Rotation& rotation, std::span<const float> center);

  // Before rows of a list: its centroid.
  void SetCentroid(std::span<const float> centroid);
  // Writes one row into place `slot` of a block; `values` are its components.
  void Encode(std::span<const float> values, size_t slot, std::byte* block);
  // Fills the places from `slot` on with rows that are never found.
  void Close(size_t slot, std::byte* block) const;

 private:
  const Distance distance_;
  const Rotation& rotation_;
  const std::span<const float> center_;
  std::vector<float> centroid_, rotated_centroid_, offset_;
};

class RabitqQuery {
 public:
  // `values` are the query's components, normalised under cosine.
  RabitqQuery(Distance distance, const Rotation& rotation, std::span<const float> center,
              std::span<const float> values);

  // For a list whose centroid lies at squared distance `square` from the query and has the inner product `product` with
  // it. `deviations` says how many standard errors lie between an estimate and its lower bound.
  ScanQuery ForList(float square, float product, float deviations) const;
  // What scans compare with, for a distance of the row format.
  float ThresholdOf(float distance) const { return distance_ == Distance::kCosine ? 2 * (distance + 1) : distance; }

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  const Distance distance_;
  std::unique_ptr<std::byte[], Free> tables_;
  size_t groups_ = 0;
  float scale_ = 0, bias_ = 0;
};

}  // namespace lineal::index
