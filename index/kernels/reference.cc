// Plain loops with double accumulators: the oracle for every other set, and what runs where no other set does.
#include <cmath>

#include "base/coding.h"
#include "base/half.h"
#include "index/kernels/kernel_table.h"

namespace lineal::index {
namespace {

struct F32 {
  static double At(const std::byte* row, size_t i) { return LoadFixed<float>(row + i * sizeof(float)); }
};
struct F16 {
  static double At(const std::byte* row, size_t i) { return FloatFromHalf(LoadFixed<uint16_t>(row + i * 2)); }
};
struct U8 {
  static double At(const std::byte* row, size_t i) { return std::to_integer<int>(row[i]); }
};

struct L2 {
  static double Term(double a, double b) { return (a - b) * (a - b); }
};
struct Dot {
  static double Term(double a, double b) { return a * b; }
};
struct L1 {
  static double Term(double a, double b) { return std::abs(a - b); }
};

template <class Op, class A, class B>
float One(const std::byte* query, const std::byte* row, size_t dim) {
  double sum = 0;
  for (size_t i = 0; i < dim; ++i) sum += Op::Term(A::At(query, i), B::At(row, i));
  return static_cast<float>(sum);
}

template <class Op, class A, class B>
void Four(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  for (int i = 0; i < 4; ++i) out[i] = One<Op, A, B>(query, rows[i], dim);
}

template <class Op, class A, class B>
constexpr Kernel kKernel = {One<Op, A, B>, Four<Op, A, B>};

void CodeDot(const std::byte* query, const std::byte* const* rows, size_t dim, int32_t* out) {
  for (int row = 0; row < 4; ++row) {
    out[row] = 0;
    for (size_t i = 0; i < dim; ++i) {
      out[row] += std::to_integer<int32_t>(query[i]) * static_cast<int8_t>(std::to_integer<uint8_t>(rows[row][i]));
    }
  }
}

}  // namespace

constinit const KernelTable kReferenceKernels = {
    "reference",
    {{kKernel<L2, F32, F32>, kKernel<Dot, F32, F32>, kKernel<L1, F32, F32>},
     {kKernel<L2, F32, F16>, kKernel<Dot, F32, F16>, kKernel<L1, F32, F16>},
     {kKernel<L2, F16, F16>, kKernel<Dot, F16, F16>, kKernel<L1, F16, F16>},
     {kKernel<L2, U8, U8>, kKernel<Dot, U8, U8>, kKernel<L1, U8, U8>}},
    CodeDot};

}  // namespace lineal::index
