#include "index/batch/dot_block.h"

#include <cblas-openblas.h>

#include <cfloat>
#include <cmath>
#include <limits>

#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

// Sums of products of numbers that are greater than this might not fit a float.
constexpr float kGreatestNorm = FLT_MAX / 16;

float SquaresOf(const float* row, size_t dim) {
  const auto* bytes = reinterpret_cast<const std::byte*>(row);
  return KernelOf(ActiveKernels(), Operands::kF32F32, Sum::kDot).one(bytes, bytes, dim);
}

}  // namespace

void DotBlock(const float* left, size_t left_count, const float* right, size_t right_count, size_t dim, float* out) {
  static const bool one_thread = [] {
    openblas_set_num_threads(1);
    return true;
  }();
  (void)one_thread;
  const auto m = static_cast<blasint>(left_count), n = static_cast<blasint>(right_count), k = static_cast<blasint>(dim);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1.0f, left, k, right, k, 0.0f, out, n);
}

float ErrorShare(size_t dim) { return 4 * static_cast<float>(dim + 16) * (FLT_EPSILON / 2); }

float LowerPartOfL2(const float* row, size_t dim) {
  const float squares = SquaresOf(row, dim);
  if (!(squares < kGreatestNorm)) return -std::numeric_limits<float>::infinity();
  // Products below the normal numbers lose more than their share.
  return squares * (1 - ErrorShare(dim)) - static_cast<float>(dim) * FLT_MIN;
}

float LengthAbove(const float* row, size_t dim) {
  const float squares = SquaresOf(row, dim);
  if (!(squares < kGreatestNorm)) return std::numeric_limits<float>::infinity();
  return std::sqrt(squares + static_cast<float>(dim) * FLT_MIN) * (1 + ErrorShare(dim));
}

}  // namespace lineal::index
