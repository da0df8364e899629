// Codes of 2, 4 or 8 bits a component by extended RaBitQ (Gao et al., "Practical and asymptotically optimal
// quantization of high-dimensional vectors in Euclidean space for approximate nearest neighbor search", SIGMOD 2025): a
// row's offset from a center is rotated at random, its direction becomes the nearest of a grid, and one factor makes
// estimates of inner products unbiased. Who wants 1 bit has rabitq.h; 3 bits would be unpacked no faster than 4, 5 to 7
// no faster than 8, and take rows apart at places that are no byte's end: ask for the next width.
//
// Where we differ: rows lie in row order, offsets are from one center for all (the mean of a sample), and not from that
// of a list; the most significant bits do not lie apart.
//
// A row is its codes and what a distance needs beside them, all in one run of bytes that begins at a multiple of 16.
//
// Threads: immutable once built; any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "base/io.h"
#include "index/quantizers/rotation.h"
#include "index/quantizers/row_codes.h"
#include "index/vectors/page_array.h"

namespace lineal::index {

struct PackedBuild {
  uint32_t bits = 4;  // 2, 4 or 8
  Executor* executor = nullptr;
  size_t parallelism = 1;
  uint64_t seed = 1;  // of the rotation
};

class PackedCodes final : public RowCodes {
 public:
  // What stands behind a row's codes. With o the row's offset from the center, p its grid point and e the tangent of
  // the angle between them: under L2 |o|^2, else minus the product of o and the center; -2 or -1 times |o|^2 / <o, p>;
  // and 2 or 1 times |o| e / sqrt(dim - 1), the upper half of a float.
  struct Terms {
    float addend, factor, error;
  };

  // CanQuantize(format) (sq8.h) holds. Rows that `has` denies are zeroes.
  static std::shared_ptr<const PackedCodes> Build(const RowFormat& format, const RowView& rows, uint32_t count,
                                                  const std::function<bool(LocalId)>& has, const PackedBuild& build);
  // Of `count` vectors of floats, by the same rotation and center, with codes of eight bits: one query serves both.
  // Under cosine their distances are those of L2, but for what is the same for all.
  std::shared_ptr<const PackedCodes> EncodeAlike(const float* values, uint32_t count) const;
  // A checksummed image (docs/format/segment.md), and codes copied from one: DATA_LOSS if it is damaged, of another
  // format or of another number of rows.
  absl::Status Save(ByteSink* sink) const override;
  static absl::StatusOr<std::shared_ptr<const PackedCodes>> Load(std::string_view image, const RowFormat& format,
                                                                 uint32_t rows);
  // Whether an image claims to be of such codes.
  static bool IsImage(std::string_view image);

  CodeKind kind() const override { return CodeKind::kPacked; }
  const RowFormat& format() const { return format_; }
  uint32_t bits() const override { return bits_; }
  uint32_t rows() const override { return count_; }
  size_t stride() const override { return stride_; }
  uint64_t memory_bytes() const override { return codes_.bytes() + 2 * center_.size() * sizeof(float); }
  // Bytes of a row, and those of them that kernels read.
  static size_t StrideOf(uint32_t dim, uint32_t bits);
  size_t kernel_bytes() const;
  // Bytes that hold codes: component i is code i / code_bytes() of byte i % code_bytes().
  size_t code_bytes() const { return code_bytes_; }

  const std::byte* at(uint32_t id) const { return codes_.as<std::byte>() + id * stride_; }
  Terms TermsAt(const std::byte* row) const;
  const Rotation& rotation() const { return rotation_; }
  std::span<const float> center() const { return center_; }
  // Of the rows' e^2: how much of an estimate's error is due to the codes.
  float mean_square_error() const { return mean_square_error_; }

 private:
  PackedCodes(const RowFormat& format, uint32_t count, uint32_t bits, uint64_t seed);
  struct Scratch;
  void EncodeRows(const RowView& rows, uint32_t begin, uint32_t end, const std::function<bool(LocalId)>& has,
                  double* square_errors);
  // Returns e^2.
  double Encode(uint32_t id, Scratch* scratch);
  std::string Header() const;
  absl::Status CheckTerms() const;

  const RowFormat format_;
  const uint32_t count_, bits_;
  const uint64_t seed_;
  const size_t code_bytes_, stride_;
  const Rotation rotation_;
  std::vector<float> center_;
  float mean_square_error_ = 0;
  PageArray codes_;
};

}  // namespace lineal::index
