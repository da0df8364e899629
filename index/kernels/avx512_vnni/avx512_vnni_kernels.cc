// AVX-512 VNNI for bytes: 64 a step, four products and their sum in one instruction that wants one operand signed.
//   sum a*b = sum a*(b-128) + 128 * sum a, and with d = |a-b|, sum d*d = sum d*(d-128) + 128 * sum d.
// Sums are kept modulo 2^32, which up to kByteDimMax components is more than any result.
#include <immintrin.h>

#include "index/kernels/kernel_table.h"

namespace lineal::index {
namespace {

constexpr size_t kLanes = 64;

struct Whole {
  __m512i operator()(const std::byte* at) const { return _mm512_loadu_si512(at); }
};
// The bytes beyond a vector's end are 0.
struct Tail {
  __mmask64 mask;
  explicit Tail(size_t count) : mask((__mmask64{1} << count) - 1) {}
  __m512i operator()(const std::byte* at) const { return _mm512_maskz_loadu_epi8(mask, at); }
};

inline __m512i Signed(__m512i bytes) { return _mm512_xor_si512(bytes, _mm512_set1_epi8(-128)); }
inline __m512i Times128(__m512i sums) { return _mm512_slli_epi32(sums, 7); }

// A row's sums: products with the signed operand, and what 128 times is missing in them.
struct Sums {
  __m512i products, bytes;
};

struct L2 {
  static void Step(Sums& sums, __m512i a, __m512i b) {
    const __m512i d = _mm512_or_si512(_mm512_subs_epu8(a, b), _mm512_subs_epu8(b, a));
    sums.products = _mm512_dpbusd_epi32(sums.products, d, Signed(d));
    sums.bytes = _mm512_dpbusd_epi32(sums.bytes, d, _mm512_set1_epi8(1));
  }
  static void Query(__m512i&, __m512i) {}
  static __m512i Total(const Sums& sums, __m512i) { return _mm512_add_epi32(sums.products, Times128(sums.bytes)); }
};
struct Dot {
  static void Step(Sums& sums, __m512i a, __m512i b) {
    sums.products = _mm512_dpbusd_epi32(sums.products, a, Signed(b));
  }
  static void Query(__m512i& sums, __m512i a) { sums = _mm512_dpbusd_epi32(sums, a, _mm512_set1_epi8(1)); }
  static __m512i Total(const Sums& sums, __m512i query) { return _mm512_add_epi32(sums.products, Times128(query)); }
};
struct L1 {
  static void Step(Sums& sums, __m512i a, __m512i b) {
    sums.bytes = _mm512_add_epi32(sums.bytes, _mm512_sad_epu8(a, b));
  }
  static void Query(__m512i&, __m512i) {}
  static __m512i Total(const Sums& sums, __m512i) { return sums.bytes; }
};

// Modulo 2^32: _mm512_reduce_add_epi32 adds the last two as signed numbers.
inline uint32_t TotalOf(__m512i sums) {
  const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64(sums, 1));
  const __m128i quarter = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  const __m128i two = _mm_add_epi32(quarter, _mm_unpackhi_epi64(quarter, quarter));
  return static_cast<uint32_t>(_mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 1))));
}

template <class Op>
float One(const std::byte* query, const std::byte* row, size_t dim) {
  const __m512i zero = _mm512_setzero_si512();
  Sums even{zero, zero}, odd = even;
  __m512i query_even = zero, query_odd = zero;
  const auto step = [](Sums & sums, __m512i & query_sums, __m512i a, __m512i b) __attribute__((always_inline)) {
    Op::Query(query_sums, a);
    Op::Step(sums, a, b);
  };
  const Whole whole;
  size_t i = 0;
  for (; i + 2 * kLanes <= dim; i += 2 * kLanes) {
    step(even, query_even, whole(query + i), whole(row + i));
    step(odd, query_odd, whole(query + i + kLanes), whole(row + i + kLanes));
  }
  if (i + kLanes <= dim) {
    step(even, query_even, whole(query + i), whole(row + i));
    i += kLanes;
  }
  if (i < dim) {
    const Tail tail(dim - i);
    step(odd, query_odd, tail(query + i), tail(row + i));
  }
  const __m512i total = _mm512_add_epi32(Op::Total(even, query_even), Op::Total(odd, query_odd));
  return static_cast<float>(TotalOf(total));
}

// The totals of four registers.
inline __m128i Totals(__m512i s0, __m512i s1, __m512i s2, __m512i s3) {
  const __m512i low = _mm512_add_epi32(_mm512_unpacklo_epi32(s0, s1), _mm512_unpackhi_epi32(s0, s1));
  const __m512i high = _mm512_add_epi32(_mm512_unpacklo_epi32(s2, s3), _mm512_unpackhi_epi32(s2, s3));
  const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high));
  const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

template <class Op>
void Four(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  const std::byte *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  const __m512i zero = _mm512_setzero_si512();
  Sums s0{zero, zero}, s1 = s0, s2 = s0, s3 = s0;
  __m512i query_sums = zero;
  const auto step = [&](size_t i, auto load) __attribute__((always_inline)) {
    const __m512i a = load(query + i);
    Op::Query(query_sums, a);
    Op::Step(s0, a, load(r0 + i));
    Op::Step(s1, a, load(r1 + i));
    Op::Step(s2, a, load(r2 + i));
    Op::Step(s3, a, load(r3 + i));
  };
  size_t i = 0;
  for (; i + kLanes <= dim; i += kLanes) step(i, Whole());
  if (i < dim) step(i, Tail(dim - i));
  const __m128i totals = Totals(Op::Total(s0, query_sums), Op::Total(s1, query_sums), Op::Total(s2, query_sums),
                                Op::Total(s3, query_sums));
  _mm_storeu_ps(out, _mm_cvtepu32_ps(totals));
}

template <class Op>
constexpr Kernel kKernel = {One<Op>, Four<Op>};

void CodeDot(const std::byte* query, const std::byte* const* rows, size_t dim, int32_t* out) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dim; i += kCodeBlock) {
    const __m512i a = _mm512_loadu_si512(query + i);
    s0 = _mm512_dpbusd_epi32(s0, a, _mm512_loadu_si512(rows[0] + i));
    s1 = _mm512_dpbusd_epi32(s1, a, _mm512_loadu_si512(rows[1] + i));
    s2 = _mm512_dpbusd_epi32(s2, a, _mm512_loadu_si512(rows[2] + i));
    s3 = _mm512_dpbusd_epi32(s3, a, _mm512_loadu_si512(rows[3] + i));
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), Totals(s0, s1, s2, s3));
}

template <int kBits>
void PackedDot(const std::byte* query, const std::byte* const* rows, size_t bytes, int32_t* out) {
  constexpr int kPlanes = 8 / kBits;
  const std::byte *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
  const auto step = [&](size_t i, auto load) __attribute__((always_inline)) {
    const __m512i mask = _mm512_set1_epi8(static_cast<char>((1 << kBits) - 1));
    const __m512i c0 = load(r0 + i), c1 = load(r1 + i), c2 = load(r2 + i), c3 = load(r3 + i);
#pragma GCC unroll 4
    for (int plane = 0; plane < kPlanes; ++plane) {
      const __m512i a = load(query + static_cast<size_t>(plane) * bytes + i);
      const auto codes = [&](__m512i row) __attribute__((always_inline)) {
        return kPlanes == 1 ? row
                            : _mm512_and_si512(_mm512_srli_epi16(row, static_cast<unsigned>(plane * kBits)), mask);
      };
      s0 = _mm512_dpbusd_epi32(s0, codes(c0), a);
      s1 = _mm512_dpbusd_epi32(s1, codes(c1), a);
      s2 = _mm512_dpbusd_epi32(s2, codes(c2), a);
      s3 = _mm512_dpbusd_epi32(s3, codes(c3), a);
    }
  };
  size_t i = 0;
  for (; i + kLanes <= bytes; i += kLanes) step(i, Whole());
  if (i < bytes) step(i, Tail(bytes - i));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), Totals(s0, s1, s2, s3));
}

}  // namespace

constinit const KernelTable kAvx512VnniKernels = {"avx512_vnni",
                                                  {{}, {}, {}, {kKernel<L2>, kKernel<Dot>, kKernel<L1>}},
                                                  CodeDot,
                                                  nullptr,
                                                  nullptr,
                                                  {},
                                                  nullptr,
                                                  nullptr,
                                                  {PackedDot<8>, PackedDot<4>, PackedDot<2>}};

}  // namespace lineal::index
