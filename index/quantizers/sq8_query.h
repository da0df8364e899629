// A query against rows of codes. Its components are quantized as the rows are; distances come close to those of the
// row format, and LowerBound() says how close.
//
// Threads: const members from any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "index/kernels/kernel_table.h"
#include "index/quantizers/sq8_codes.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"

namespace lineal::index {

class Sq8Query {
 public:
  using Codes = Sq8Codes;
  // The codes outlive this. Nothing may be asked before a query is set.
  explicit Sq8Query(const Sq8Codes& codes);
  // `query` is for the codes' row format.
  Sq8Query(const Sq8Codes& codes, const Query& query) : Sq8Query(codes) { SetQuery(query); }

  void SetQuery(const Query& query);
  // The row itself. Not under dot.
  void SetRow(uint32_t id);

  const Sq8Codes& codes() const { return codes_; }
  // out[i] = distance to the codes at rows[i], those of row ids[i]; `count` is at most 4.
  void DistanceToSome(const uint32_t* ids, const std::byte* const* rows, size_t count, float* out) const {
    DistanceToSome(codes_.terms(), ids, rows, count, out);
  }
  // out[i] = distance to row i of `codes`, all of them; they were made alike (Sq8Codes::EncodeAlike).
  void DistanceToAll(const Sq8Codes& codes, float* out) const {
    for (uint32_t i = 0; i < codes.rows(); i += 4) {
      const uint32_t count = std::min(4u, codes.rows() - i);
      const uint32_t ids[4] = {i, i + 1, i + 2, i + 3};
      const std::byte* rows[4];
      for (uint32_t j = 0; j < count; ++j) rows[j] = codes.at(i + j);
      DistanceToSome(codes.terms(), ids, rows, count, out + i);
    }
  }
  // The same of some of them, row ids[i].
  void DistanceToThose(const Sq8Codes& codes, std::span<const uint32_t> ids, float* out) const {
    for (size_t i = 0; i < ids.size(); i += 4) {
      const size_t count = std::min<size_t>(4, ids.size() - i);
      const std::byte* rows[4];
      for (size_t j = 0; j < count; ++j) rows[j] = codes.at(ids[i + j]);
      DistanceToSome(codes.terms(), ids.data() + i, rows, count, out + i);
    }
  }
  float DistanceTo(uint32_t id) const {
    const std::byte* row = codes_.at(id);
    float distance;
    DistanceToSome(&id, &row, 1, &distance);
    return distance;
  }
  // What the exact distance is hardly ever below (three standard deviations), for a distance of codes.
  float LowerBound(float distance) const;
  float LowerBound(const Neighbor& by_codes) const { return LowerBound(by_codes.distance); }

 private:
  void DistanceToSome(const int32_t* terms, const uint32_t* ids, const std::byte* const* rows, size_t count,
                      float* out) const {
    const std::byte* four[4];
    if (count < 4) {
      for (size_t i = 0; i < 4; ++i) four[i] = rows[i < count ? i : 0];
      rows = four;
    }
    int32_t sums[4];
    dot_(codes_of_query_.get(), rows, codes_.stride(), sums);
    for (size_t i = 0; i < count; ++i) {
      out[i] = scale_ * static_cast<float>(factor_ * sums[i] + terms[ids[i]] + term_) + offset_;
    }
  }
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  // Of the query's codes.
  void SetTerm(int32_t sum, int32_t squares);

  const Sq8Codes& codes_;
  const CodeDotFour dot_;
  std::unique_ptr<std::byte[], Free> codes_of_query_;  // unsigned
  int32_t factor_ = 0, term_ = 0;
  float scale_ = 1, offset_ = 0;
  float deviation_ = 0;  // under dot
};

}  // namespace lineal::index
