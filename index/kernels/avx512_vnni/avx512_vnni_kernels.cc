// AVX-512 VNNI for bytes: multiply and accumulate in one instruction. L2 keeps the widened 16-bit differences; the dot
// product works on 64 bytes a step, with the row shifted into signed range: sum a*b = sum a*(b-128) + 128 * sum a.
#include <immintrin.h>

#include "index/kernels/kernel_table.h"

namespace lineal::index {
namespace {

constexpr size_t kWideLanes = 32;
constexpr size_t kByteLanes = 64;

inline __mmask32 WideMask(size_t count) {
  return count >= kWideLanes ? ~__mmask32{0} : static_cast<__mmask32>((1u << count) - 1);
}
inline __mmask64 ByteMask(size_t count) { return count >= kByteLanes ? ~__mmask64{0} : (__mmask64{1} << count) - 1; }
inline __m512i Widen(const std::byte* at, __mmask32 mask) {
  return _mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(mask, at));
}

inline int64_t SignedTotal(__m512i sums) {
  const __m512i low = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(sums));
  const __m512i high = _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(sums, 1));
  return _mm512_reduce_add_epi64(_mm512_add_epi64(low, high));
}

inline __m512i SquareStep(__m512i sum, __m512i a, const std::byte* row, __mmask32 mask) {
  const __m512i d = _mm512_sub_epi16(a, Widen(row, mask));
  return _mm512_dpwssd_epi32(sum, d, d);
}

float L2One(const std::byte* query, const std::byte* row, size_t dim) {
  __m512i even = _mm512_setzero_si512(), odd = even;
  size_t i = 0;
  for (; i + 2 * kWideLanes <= dim; i += 2 * kWideLanes) {
    const __mmask32 all = ~__mmask32{0};
    even = SquareStep(even, Widen(query + i, all), row + i, all);
    odd = SquareStep(odd, Widen(query + i + kWideLanes, all), row + i + kWideLanes, all);
  }
  for (; i < dim; i += kWideLanes) {
    const __mmask32 mask = WideMask(dim - i);
    even = SquareStep(even, Widen(query + i, mask), row + i, mask);
  }
  return static_cast<float>(SignedTotal(even) + SignedTotal(odd));
}

void L2Four(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dim; i += kWideLanes) {
    const __mmask32 mask = WideMask(dim - i);
    const __m512i a = Widen(query + i, mask);
    s0 = SquareStep(s0, a, rows[0] + i, mask);
    s1 = SquareStep(s1, a, rows[1] + i, mask);
    s2 = SquareStep(s2, a, rows[2] + i, mask);
    s3 = SquareStep(s3, a, rows[3] + i, mask);
  }
  out[0] = static_cast<float>(SignedTotal(s0));
  out[1] = static_cast<float>(SignedTotal(s1));
  out[2] = static_cast<float>(SignedTotal(s2));
  out[3] = static_cast<float>(SignedTotal(s3));
}

// A byte beyond the mask is 0 in `a`, so that what the row holds there does not count.
inline __m512i DotStep(__m512i sum, __m512i a, const std::byte* row, __mmask64 mask) {
  return _mm512_dpbusd_epi32(sum, a, _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, row), _mm512_set1_epi8(-128)));
}

inline float DotTotal(__m512i shifted, __m512i query_sums) {
  return static_cast<float>(SignedTotal(shifted) + 128 * _mm512_reduce_add_epi64(query_sums));
}

float DotOne(const std::byte* query, const std::byte* row, size_t dim) {
  __m512i sum = _mm512_setzero_si512(), query_sums = sum;
  for (size_t i = 0; i < dim; i += kByteLanes) {
    const __mmask64 mask = ByteMask(dim - i);
    const __m512i a = _mm512_maskz_loadu_epi8(mask, query + i);
    query_sums = _mm512_add_epi64(query_sums, _mm512_sad_epu8(a, _mm512_setzero_si512()));
    sum = DotStep(sum, a, row + i, mask);
  }
  return DotTotal(sum, query_sums);
}

void DotFour(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0, query_sums = s0;
  for (size_t i = 0; i < dim; i += kByteLanes) {
    const __mmask64 mask = ByteMask(dim - i);
    const __m512i a = _mm512_maskz_loadu_epi8(mask, query + i);
    query_sums = _mm512_add_epi64(query_sums, _mm512_sad_epu8(a, _mm512_setzero_si512()));
    s0 = DotStep(s0, a, rows[0] + i, mask);
    s1 = DotStep(s1, a, rows[1] + i, mask);
    s2 = DotStep(s2, a, rows[2] + i, mask);
    s3 = DotStep(s3, a, rows[3] + i, mask);
  }
  out[0] = DotTotal(s0, query_sums);
  out[1] = DotTotal(s1, query_sums);
  out[2] = DotTotal(s2, query_sums);
  out[3] = DotTotal(s3, query_sums);
}

inline __m512i AbsStep(__m512i sum, __m512i a, const std::byte* row, __mmask64 mask) {
  return _mm512_add_epi64(sum, _mm512_sad_epu8(a, _mm512_maskz_loadu_epi8(mask, row)));
}

float L1One(const std::byte* query, const std::byte* row, size_t dim) {
  __m512i sum = _mm512_setzero_si512();
  for (size_t i = 0; i < dim; i += kByteLanes) {
    const __mmask64 mask = ByteMask(dim - i);
    sum = AbsStep(sum, _mm512_maskz_loadu_epi8(mask, query + i), row + i, mask);
  }
  return static_cast<float>(_mm512_reduce_add_epi64(sum));
}

void L1Four(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dim; i += kByteLanes) {
    const __mmask64 mask = ByteMask(dim - i);
    const __m512i a = _mm512_maskz_loadu_epi8(mask, query + i);
    s0 = AbsStep(s0, a, rows[0] + i, mask);
    s1 = AbsStep(s1, a, rows[1] + i, mask);
    s2 = AbsStep(s2, a, rows[2] + i, mask);
    s3 = AbsStep(s3, a, rows[3] + i, mask);
  }
  out[0] = static_cast<float>(_mm512_reduce_add_epi64(s0));
  out[1] = static_cast<float>(_mm512_reduce_add_epi64(s1));
  out[2] = static_cast<float>(_mm512_reduce_add_epi64(s2));
  out[3] = static_cast<float>(_mm512_reduce_add_epi64(s3));
}

inline void StoreTotals(__m512i s0, __m512i s1, __m512i s2, __m512i s3, int32_t* out) {
  const __m512i low = _mm512_add_epi32(_mm512_unpacklo_epi32(s0, s1), _mm512_unpackhi_epi32(s0, s1));
  const __m512i high = _mm512_add_epi32(_mm512_unpacklo_epi32(s2, s3), _mm512_unpackhi_epi32(s2, s3));
  const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high));
  const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  const __m128i totals = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), totals);
}

void CodeDot(const std::byte* query, const std::byte* const* rows, size_t dim, int32_t* out) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dim; i += kCodeBlock) {
    const __m512i a = _mm512_loadu_si512(query + i);
    s0 = _mm512_dpbusd_epi32(s0, a, _mm512_loadu_si512(rows[0] + i));
    s1 = _mm512_dpbusd_epi32(s1, a, _mm512_loadu_si512(rows[1] + i));
    s2 = _mm512_dpbusd_epi32(s2, a, _mm512_loadu_si512(rows[2] + i));
    s3 = _mm512_dpbusd_epi32(s3, a, _mm512_loadu_si512(rows[3] + i));
  }
  StoreTotals(s0, s1, s2, s3, out);
}

}  // namespace

constinit const KernelTable kAvx512VnniKernels = {
    "avx512_vnni", {{}, {}, {}, {{L2One, L2Four}, {DotOne, DotFour}, {L1One, L1Four}}}, CodeDot, nullptr};

}  // namespace lineal::index
