// AVX-512 BF16: 32 products of two bfloat16 rows and their sums in one instruction, which takes numbers below the
// normal ones for 0. A query keeps its floats, so that this serves rows against rows.
#include <immintrin.h>

#include "index/kernels/kernel_table.h"

namespace lineal::index {
namespace {

constexpr size_t kLanes = 32;

inline __m512i Load(const std::byte* at) { return _mm512_loadu_si512(at); }
inline __m512i Tail(const std::byte* at, __mmask32 mask) { return _mm512_maskz_loadu_epi16(mask, at); }
inline __mmask32 TailMask(size_t count) { return static_cast<__mmask32>((uint64_t{1} << count) - 1); }
inline __m512 Step(__m512 sum, __m512i a, __m512i b) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }

// Each row has one sum, in both forms, so that two rows have one distance whichever is called.
float DotOne(const std::byte* query, const std::byte* row, size_t dim) {
  __m512 sum = _mm512_setzero_ps();
  size_t i = 0;
  for (; i + kLanes <= dim; i += kLanes) sum = Step(sum, Load(query + 2 * i), Load(row + 2 * i));
  if (i < dim) {
    const __mmask32 mask = TailMask(dim - i);
    sum = Step(sum, Tail(query + 2 * i, mask), Tail(row + 2 * i, mask));
  }
  return _mm512_reduce_add_ps(sum);
}

void DotFour(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  const std::byte *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + kLanes <= dim; i += kLanes) {
    const __m512i a = Load(query + 2 * i);
    s0 = Step(s0, a, Load(r0 + 2 * i));
    s1 = Step(s1, a, Load(r1 + 2 * i));
    s2 = Step(s2, a, Load(r2 + 2 * i));
    s3 = Step(s3, a, Load(r3 + 2 * i));
  }
  if (i < dim) {
    const __mmask32 mask = TailMask(dim - i);
    const __m512i a = Tail(query + 2 * i, mask);
    s0 = Step(s0, a, Tail(r0 + 2 * i, mask));
    s1 = Step(s1, a, Tail(r1 + 2 * i, mask));
    s2 = Step(s2, a, Tail(r2 + 2 * i, mask));
    s3 = Step(s3, a, Tail(r3 + 2 * i, mask));
  }
  out[0] = _mm512_reduce_add_ps(s0);
  out[1] = _mm512_reduce_add_ps(s1);
  out[2] = _mm512_reduce_add_ps(s2);
  out[3] = _mm512_reduce_add_ps(s3);
}

}  // namespace

constinit const KernelTable kAvx512Bf16Kernels = {"avx512_bf16", {{}, {}, {}, {}, {}, {{}, {DotOne, DotFour}, {}}}};

}  // namespace lineal::index
