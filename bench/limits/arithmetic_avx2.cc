#include <immintrin.h>

#include "bench/limits/arithmetic.h"
#include "bench/limits/arithmetic_loops.h"

namespace lineal::bench {
namespace {

struct Floats {
  using Sum = __m256;
  using Query = __m256;
  using Raw = __m256;
  static constexpr size_t kComponents = 8;
};
inline __m256 OfHalves(__m256 row) { return _mm256_cvtph_ps(_mm256_castsi256_si128(_mm256_castps_si256(row))); }
inline __m256 OfBfloats(__m256 row) {
  const __m128i halves = _mm256_castsi256_si128(_mm256_castps_si256(row));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

struct Squares {
  static __m256 Of(__m256 sum, __m256 a, __m256 b) {
    const __m256 d = _mm256_sub_ps(a, b);
    return _mm256_fmadd_ps(d, d, sum);
  }
};
struct Products {
  static __m256 Of(__m256 sum, __m256 a, __m256 b) { return _mm256_fmadd_ps(a, b, sum); }
};
struct Absolutes {
  static __m256 Of(__m256 sum, __m256 a, __m256 b) {
    return _mm256_add_ps(sum, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(a, b)));
  }
};

template <class Op>
struct F32F32 : Floats {
  static __m256 Widen(__m256 raw) { return raw; }
  static __m256 Step(__m256 sum, __m256 query, __m256 row) { return Op::Of(sum, query, row); }
};
template <class Op>
struct F32F16 : F32F32<Op> {
  static __m256 Step(__m256 sum, __m256 query, __m256 row) { return Op::Of(sum, query, OfHalves(row)); }
};
template <class Op>
struct F16F16 : F32F16<Op> {
  static __m256 Widen(__m256 raw) { return OfHalves(raw); }
};

template <class Op>
struct F32BF16 : F32F32<Op> {
  static __m256 Step(__m256 sum, __m256 query, __m256 row) { return Op::Of(sum, query, OfBfloats(row)); }
};
template <class Op>
struct BF16BF16 : Floats {
  static __m256 Widen(__m256 raw) { return OfBfloats(raw); }
  static __m256 Step(__m256 sum, __m256 query, __m256 row) { return Op::Of(sum, query, OfBfloats(row)); }
};

inline __m256i OfBytes(__m256i row) { return _mm256_cvtepu8_epi16(_mm256_castsi256_si128(row)); }
struct Bytes {
  using Sum = __m256i;
  using Query = __m256i;
  using Raw = __m256i;
  static constexpr size_t kComponents = 16;
  static __m256i Widen(__m256i raw) { return OfBytes(raw); }
};
struct ByteSquares : Bytes {
  static __m256i Step(__m256i sum, __m256i query, __m256i row) {
    const __m256i d = _mm256_sub_epi16(query, OfBytes(row));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(d, d));
  }
};
struct ByteProducts : Bytes {
  static __m256i Step(__m256i sum, __m256i query, __m256i row) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(query, OfBytes(row)));
  }
};
template <int kBits>
struct Packed {
  using Sum = __m256i;
  using Query = __m256i;
  using Raw = __m256i;
  static constexpr size_t kComponents = 32 * 8 / kBits;
  static __m256i Widen(__m256i raw) { return raw; }
  static __m256i Step(__m256i sum, __m256i query, __m256i row) {
    const __m256i mask = _mm256_set1_epi8((1 << kBits) - 1);
    __m256i pairs = _mm256_maddubs_epi16(_mm256_and_si256(row, mask), query);
#pragma GCC unroll 4
    for (int plane = 1; plane < 8 / kBits; ++plane) {
      const __m256i codes = _mm256_and_si256(_mm256_srli_epi16(row, plane * kBits), mask);
      pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(codes, query));
    }
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
};
struct ByteAbsolutes {
  using Sum = __m256i;
  using Query = __m256i;
  using Raw = __m256i;
  static constexpr size_t kComponents = 32;
  static __m256i Widen(__m256i raw) { return raw; }
  static __m256i Step(__m256i sum, __m256i query, __m256i row) {
    return _mm256_add_epi64(sum, _mm256_sad_epu8(query, row));
  }
};

inline __m256i LoadAt(const std::byte* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }
void Read(const std::byte* at, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 128) {
    asm volatile("" : : "v"(LoadAt(at + i)), "v"(LoadAt(at + i + 32)));
    asm volatile("" : : "v"(LoadAt(at + i + 64)), "v"(LoadAt(at + i + 96)));
  }
}

}  // namespace

constinit const ArithmeticTable kAvx2Arithmetic = {
    "avx2",
    {{kOne<F32F32<Squares>>, kOne<F32F32<Products>>, kOne<F32F32<Absolutes>>},
     {kOne<F32F16<Squares>>, kOne<F32F16<Products>>, kOne<F32F16<Absolutes>>},
     {kOne<F16F16<Squares>>, kOne<F16F16<Products>>, kOne<F16F16<Absolutes>>},
     {kOne<ByteSquares>, kOne<ByteProducts>, kOne<ByteAbsolutes>},
     {kOne<F32BF16<Squares>>, kOne<F32BF16<Products>>, kOne<F32BF16<Absolutes>>},
     {kOne<BF16BF16<Squares>>, kOne<BF16BF16<Products>>, kOne<BF16BF16<Absolutes>>}},
    {{kFour<F32F32<Squares>>, kFour<F32F32<Products>>, kFour<F32F32<Absolutes>>},
     {kFour<F32F16<Squares>>, kFour<F32F16<Products>>, kFour<F32F16<Absolutes>>},
     {kFour<F16F16<Squares>>, kFour<F16F16<Products>>, kFour<F16F16<Absolutes>>},
     {kFour<ByteSquares>, kFour<ByteProducts>, kFour<ByteAbsolutes>},
     {kFour<F32BF16<Squares>>, kFour<F32BF16<Products>>, kFour<F32BF16<Absolutes>>},
     {kFour<BF16BF16<Squares>>, kFour<BF16BF16<Products>>, kFour<BF16BF16<Absolutes>>}},
    kFour<ByteProducts>,
    kFour<F32F32<Products>>,
    Read,
    {kFour<ByteProducts>, kFour<Packed<4>>, kFour<Packed<2>>}};

}  // namespace lineal::bench
