#include <immintrin.h>

#include "bench/limits/arithmetic.h"
#include "bench/limits/arithmetic_loops.h"

namespace lineal::bench {
namespace {

struct Floats {
  using Sum = __m512;
  using Query = __m512;
  static constexpr size_t kComponents = 16;
};
struct PlainFloats : Floats {
  using Raw = __m512;
  static __m512 Widen(__m512 raw) { return raw; }
};
inline __m512 OfHalves(__m512 row) { return _mm512_cvtph_ps(_mm512_castsi512_si256(_mm512_castps_si512(row))); }
inline __m512 OfBfloats(__m512 row) {
  const __m256i halves = _mm512_castsi512_si256(_mm512_castps_si512(row));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

struct Squares {
  static __m512 Of(__m512 sum, __m512 a, __m512 b) {
    const __m512 d = _mm512_sub_ps(a, b);
    return _mm512_fmadd_ps(d, d, sum);
  }
};
struct Products {
  static __m512 Of(__m512 sum, __m512 a, __m512 b) { return _mm512_fmadd_ps(a, b, sum); }
};
struct Absolutes {
  static __m512 Of(__m512 sum, __m512 a, __m512 b) { return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(a, b))); }
};

template <class Op>
struct F32F32 : PlainFloats {
  static __m512 Step(__m512 sum, __m512 query, __m512 row) { return Op::Of(sum, query, row); }
};
template <class Op>
struct F32F16 : PlainFloats {
  static __m512 Step(__m512 sum, __m512 query, __m512 row) { return Op::Of(sum, query, OfHalves(row)); }
};
template <class Op>
struct F16F16 : Floats {
  using Raw = __m512;
  static __m512 Widen(__m512 raw) { return OfHalves(raw); }
  static __m512 Step(__m512 sum, __m512 query, __m512 row) { return Op::Of(sum, query, OfHalves(row)); }
};

template <class Op>
struct F32BF16 : F32F32<Op> {
  static __m512 Step(__m512 sum, __m512 query, __m512 row) { return Op::Of(sum, query, OfBfloats(row)); }
};
template <class Op>
struct BF16BF16 : Floats {
  using Raw = __m512;
  static __m512 Widen(__m512 raw) { return OfBfloats(raw); }
  static __m512 Step(__m512 sum, __m512 query, __m512 row) { return Op::Of(sum, query, OfBfloats(row)); }
};

struct Bytes {
  using Sum = __m512i;
  using Query = __m512i;
  using Raw = __m512i;
  static constexpr size_t kComponents = 64;
  static __m512i Widen(__m512i raw) { return raw; }
};
// sum b*b' - 2a*b' + 128 b, b' being b - 128.
struct ByteSquares : Bytes {
  static __m512i Step(__m512i sum, __m512i query, __m512i row) {
    const __m512i shifted = _mm512_xor_si512(row, _mm512_set1_epi8(-128));
    sum = _mm512_dpbusd_epi32(sum, row, shifted);
    sum = _mm512_dpbusd_epi32(sum, query, shifted);
    return _mm512_dpbusd_epi32(sum, row, _mm512_set1_epi8(1));
  }
};
struct ByteProducts : Bytes {
  static __m512i Step(__m512i sum, __m512i query, __m512i row) {
    return _mm512_dpbusd_epi32(sum, query, _mm512_xor_si512(row, _mm512_set1_epi8(-128)));
  }
};
struct ByteAbsolutes : Bytes {
  static __m512i Step(__m512i sum, __m512i query, __m512i row) {
    return _mm512_add_epi64(sum, _mm512_sad_epu8(query, row));
  }
};
struct Codes : Bytes {
  static __m512i Step(__m512i sum, __m512i query, __m512i row) { return _mm512_dpbusd_epi32(sum, query, row); }
};

template <int kBits>
struct Packed : Bytes {
  static constexpr size_t kComponents = 64 * 8 / kBits;
  static __m512i Step(__m512i sum, __m512i query, __m512i row) {
    const __m512i mask = _mm512_set1_epi8((1 << kBits) - 1);
#pragma GCC unroll 4
    for (unsigned plane = 0; plane < 8 / kBits; ++plane) {
      sum = _mm512_dpbusd_epi32(sum, _mm512_and_si512(_mm512_srli_epi16(row, plane * kBits), mask), query);
    }
    return sum;
  }
};

void Read(const std::byte* at, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 512) {
    for (size_t j = i; j < i + 512; j += 64) asm volatile("" : : "v"(_mm512_loadu_si512(at + j)));
  }
}

}  // namespace

constinit const ArithmeticTable kAvx512Arithmetic = {
    "avx512",
    {{kOne<F32F32<Squares>>, kOne<F32F32<Products>>, kOne<F32F32<Absolutes>>},
     {kOne<F32F16<Squares>>, kOne<F32F16<Products>>, kOne<F32F16<Absolutes>>},
     {kOne<F16F16<Squares>>, kOne<F16F16<Products>>, kOne<F16F16<Absolutes>>},
     {kOne<ByteSquares>, kOne<ByteProducts>, kOne<ByteAbsolutes>},
     {kOne<F32BF16<Squares>>, kOne<F32BF16<Products>>, kOne<F32BF16<Absolutes>>},
     {kOne<BF16BF16<Squares>>, {}, kOne<BF16BF16<Absolutes>>}},
    {{kFour<F32F32<Squares>>, kFour<F32F32<Products>>, kFour<F32F32<Absolutes>>},
     {kFour<F32F16<Squares>>, kFour<F32F16<Products>>, kFour<F32F16<Absolutes>>},
     {kFour<F16F16<Squares>>, kFour<F16F16<Products>>, kFour<F16F16<Absolutes>>},
     {kFour<ByteSquares>, kFour<ByteProducts>, kFour<ByteAbsolutes>},
     {kFour<F32BF16<Squares>>, kFour<F32BF16<Products>>, kFour<F32BF16<Absolutes>>},
     {kFour<BF16BF16<Squares>>, {}, kFour<BF16BF16<Absolutes>>}},
    kFour<Codes>,
    kFour<F32F32<Products>>,
    Read,
    {kFour<Codes>, kFour<Packed<4>>, kFour<Packed<2>>}};

}  // namespace lineal::bench
