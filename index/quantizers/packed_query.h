// A query against rows of packed codes. Its rotated offset from the center is rounded to signed bytes; distances come
// close to those of the row format, and LowerBound() says how close.
//
// Threads: const members from any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "index/kernels/kernel_table.h"
#include "index/quantizers/packed_codes.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"

namespace lineal::index {

class PackedQuery {
 public:
  using Codes = PackedCodes;
  // The codes outlive this; `query` is for their row format.
  PackedQuery(const PackedCodes& codes, const Query& query);

  const PackedCodes& codes() const { return codes_; }
  // out[i] = distance to the codes at rows[i]; `count` is at most 4. A distance is finite, whatever the codes.
  void DistanceToSome(const uint32_t*, const std::byte* const* rows, size_t count, float* out) const {
    DistanceToSome(codes_, plan_, rows, count, out);
  }
  // out[i] = distance to row i of `codes`, all of them, which were made alike (PackedCodes::EncodeAlike): for
  // centroids, whose order is wanted.
  void DistanceToAll(const PackedCodes& codes, float* out) const;
  // The same of some of them, row ids[i].
  void DistanceToThose(const PackedCodes& codes, std::span<const uint32_t> ids, float* out) const;
  float DistanceTo(uint32_t id) const {
    const std::byte* row = codes_.at(id);
    float distance;
    DistanceToSome(&id, &row, 1, &distance);
    return distance;
  }
  // What the exact distance is hardly ever below (three standard deviations), for what the codes say.
  float LowerBound(const Neighbor& by_codes) const {
    return by_codes.distance - deviation_ * codes_.TermsAt(codes_.at(Raw(by_codes.id))).error;
  }

 private:
  // The query as rows of one width want it.
  struct Plan {
    PackedDotFour dot = nullptr;
    size_t bytes = 0;  // that kernels read of a row
    std::unique_ptr<std::byte[]> query;
    float scale = 0;  // of a sum
    float bias = 0;
  };
  static Plan PlanFor(const PackedCodes& codes, const int8_t* rounded, float step);
  void DistanceToSome(const PackedCodes& codes, const Plan& plan, const std::byte* const* rows, size_t count,
                      float* out) const {
    const std::byte* four[4];
    if (count < 4) {
      for (size_t i = 0; i < 4; ++i) four[i] = rows[i < count ? i : 0];
      rows = four;
    }
    int32_t sums[4];
    plan.dot(plan.query.get(), rows, plan.bytes, sums);
    for (size_t i = 0; i < count; ++i) {
      const PackedCodes::Terms terms = codes.TermsAt(rows[i]);
      const float distance =
          terms.addend + offset_ + terms.factor * (plan.scale * static_cast<float>(sums[i]) + plan.bias);
      constexpr float kMax = std::numeric_limits<float>::max();
      out[i] = std::max(-kMax, distance < kMax ? distance : kMax);
    }
  }

  const PackedCodes& codes_;
  float step_ = 1, offset_ = 0, deviation_ = 0;
  std::unique_ptr<int8_t[]> rounded_;
  Plan plan_;
};

}  // namespace lineal::index
