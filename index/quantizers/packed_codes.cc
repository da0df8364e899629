#include "index/quantizers/packed_codes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/coding.h"
#include "index/kernels/kernel_table.h"
#include "index/quantizers/grid_code.h"

namespace lineal::index {
namespace {

constexpr size_t kTermBytes = 2 * sizeof(float) + sizeof(uint16_t);
constexpr uint32_t kRowsPerTask = 1'024;
constexpr uint64_t kSampleValues = 1'000'000;
constexpr uint64_t kSampleRowsMin = 1'000;
// Rounding of the query is no less than this beside the codes' (PackedQuery), however well they fit.
constexpr double kSquareErrorMin = 1e-5;

size_t CodeBytesOf(uint32_t dim, uint32_t bits) { return (size_t{dim} * bits + 7) / 8; }
size_t WholeBlocks(size_t bytes) { return (bytes + kPackedBlock - 1) / kPackedBlock * kPackedBlock; }

// The upper half of a float that is not below `value`.
uint16_t UpperHalfFrom(float value) { return static_cast<uint16_t>((std::bit_cast<uint32_t>(value) + 0xffffu) >> 16); }

std::vector<float> MeanOf(const RowFormat& format, const RowView& rows, uint32_t count,
                          const std::function<bool(LocalId)>& has) {
  const uint64_t wanted = std::max<uint64_t>(kSampleValues / std::max(format.dim, 1u), kSampleRowsMin);
  const uint64_t every = std::max<uint64_t>(1, count / wanted);
  std::vector<double> sums(format.dim);
  std::vector<float> values(format.dim);
  uint64_t seen = 0;
  for (uint64_t i = 0; i < count; i += every) {
    const LocalId id{static_cast<uint32_t>(i)};
    if (!has(id)) continue;
    DecodeRow(format, rows.at(id), values.data());
    for (uint32_t d = 0; d < format.dim; ++d) sums[d] += values[d];
    ++seen;
  }
  for (uint32_t d = 0; d < format.dim; ++d) {
    values[d] = seen == 0 ? 0.0f : static_cast<float>(sums[d] / static_cast<double>(seen));
  }
  return values;
}

}  // namespace

struct PackedCodes::Scratch {
  explicit Scratch(uint32_t dim) : values(dim), codes(dim) {}
  std::vector<float> values;
  std::vector<uint8_t> codes;
};

size_t PackedCodes::StrideOf(uint32_t dim, uint32_t bits) { return WholeBlocks(CodeBytesOf(dim, bits) + kTermBytes); }

size_t PackedCodes::kernel_bytes() const { return WholeBlocks(code_bytes_); }

PackedCodes::PackedCodes(const RowFormat& format, uint32_t count, uint32_t bits, uint64_t seed)
    : format_(format),
      count_(count),
      bits_(bits),
      seed_(seed),
      code_bytes_(CodeBytesOf(format.dim, bits)),
      stride_(StrideOf(format.dim, bits)),
      rotation_(format.dim, seed),
      center_(format.dim),
      codes_(count * stride_) {}

PackedCodes::Terms PackedCodes::TermsAt(const std::byte* row) const {
  const std::byte* at = row + code_bytes_;
  return {LoadFixed<float>(at), LoadFixed<float>(at + sizeof(float)),
          std::bit_cast<float>(static_cast<uint32_t>(LoadFixed<uint16_t>(at + 2 * sizeof(float))) << 16)};
}

// With x the row, m the center, o = x - m, q the query, p the grid point of o rotated by P, and f = |o|^2 / <Po, p>:
// <o, q - m> is estimated by f <p, P(q - m)>, with a standard error of |o| |q - m| e / sqrt(dim - 1).
//   L2: |o|^2 + |q - m|^2 - 2 <o, q - m>;  dot, cosine: -<m, q> - <o, m> - <o, q - m>.
double PackedCodes::Encode(uint32_t id, Scratch* scratch) {
  const uint32_t dim = format_.dim;
  std::vector<float>& values = scratch->values;
  double square = 0, with_center = 0;
  for (uint32_t i = 0; i < dim; ++i) {
    values[i] -= center_[i];
    square += static_cast<double>(values[i]) * values[i];
    with_center += static_cast<double>(values[i]) * center_[i];
  }
  rotation_.Apply(values.data());
  const GridFit fit = NearestGridPoint(values.data(), dim, bits_, scratch->codes.data());

  std::byte* row = codes_.as<std::byte>() + id * stride_;
  for (uint32_t begin = 0, shift = 0; begin < dim; begin += static_cast<uint32_t>(code_bytes_), shift += bits_) {
    const size_t some = std::min<size_t>(code_bytes_, dim - begin);
    for (size_t i = 0; i < some; ++i) row[i] |= static_cast<std::byte>(scratch->codes[begin + i] << shift);
  }
  const bool fits = fit.product > 0;
  const bool l2 = format_.distance == Distance::kL2;
  const double times = l2 ? 2 : 1, factor = fits ? square / fit.product : 0;
  const double square_error =
      std::max(kSquareErrorMin, fits ? square * fit.square / (fit.product * fit.product) - 1 : 0);
  const auto addend = static_cast<float>(l2 ? square : -with_center);
  const auto scaled = static_cast<float>(-times * factor);
  const uint16_t error = UpperHalfFrom(
      static_cast<float>(times * std::sqrt(square * square_error / std::max(1.0, static_cast<double>(dim) - 1))));
  std::memcpy(row + code_bytes_, &addend, sizeof addend);
  std::memcpy(row + code_bytes_ + sizeof addend, &scaled, sizeof scaled);
  std::memcpy(row + code_bytes_ + 2 * sizeof addend, &error, sizeof error);
  return square_error;
}

void PackedCodes::EncodeRows(const RowView& rows, uint32_t begin, uint32_t end, const std::function<bool(LocalId)>& has,
                             double* square_errors) {
  Scratch scratch(format_.dim);
  for (uint32_t id = begin; id < end; ++id) {
    if (!has(LocalId{id})) continue;
    DecodeRow(format_, rows.at(LocalId{id}), scratch.values.data());
    *square_errors += Encode(id, &scratch);
  }
}

std::shared_ptr<const PackedCodes> PackedCodes::Build(const RowFormat& format, const RowView& rows, uint32_t count,
                                                      const std::function<bool(LocalId)>& has,
                                                      const PackedBuild& build) {
  LINEAL_CHECK(build.bits == 2 || build.bits == 4 || build.bits == 8);
  std::shared_ptr<PackedCodes> codes(new PackedCodes(format, count, build.bits, build.seed));
  codes->center_ = MeanOf(format, rows, count, has);
  const size_t tasks = (count + kRowsPerTask - 1) / kRowsPerTask;
  std::vector<double> square_errors(tasks);
  const auto encode = [&](size_t task) {
    const auto begin = static_cast<uint32_t>(task * kRowsPerTask);
    codes->EncodeRows(rows, begin, std::min(count, begin + kRowsPerTask), has, &square_errors[task]);
  };
  if (build.executor != nullptr && build.parallelism > 1) {
    build.executor->ParallelFor(tasks, encode);
  } else {
    for (size_t task = 0; task < tasks; ++task) encode(task);
  }
  double total = 0;
  for (double some : square_errors) total += some;
  codes->mean_square_error_ = static_cast<float>(std::max(kSquareErrorMin, total / std::max(1.0, double{1} * count)));
  return codes;
}

std::shared_ptr<const PackedCodes> PackedCodes::EncodeAlike(const float* values, uint32_t count) const {
  // Vectors that are not normalised are not rows under cosine; those nearest by L2 are the ones wanted.
  RowFormat format = format_;
  if (format.distance == Distance::kCosine) format.distance = Distance::kL2;
  std::shared_ptr<PackedCodes> codes(new PackedCodes(format, count, 8, seed_));
  codes->center_ = center_;
  codes->mean_square_error_ = kSquareErrorMin;
  Scratch scratch(format_.dim);
  for (uint32_t i = 0; i < count; ++i) {
    std::copy_n(values + size_t{i} * format_.dim, format_.dim, scratch.values.data());
    codes->Encode(i, &scratch);
  }
  return codes;
}

}  // namespace lineal::index
