// AVX-512 (F, BW, VL, DQ). Sixteen floats a step with a masked tail, so that any length is one code path. A row
// keeps two sums in flight.
#include <immintrin.h>

#include "index/kernels/kernel_table.h"

namespace lineal::index {
namespace {

constexpr size_t kLanes = 16;

struct F32 {
  static constexpr size_t kBytes = 4;
  static __m512 Load(const std::byte* at) { return _mm512_loadu_ps(at); }
  static __m512 Tail(const std::byte* at, __mmask16 mask) { return _mm512_maskz_loadu_ps(mask, at); }
};
struct F16 {
  static constexpr size_t kBytes = 2;
  static __m512 Load(const std::byte* at) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
  }
  static __m512 Tail(const std::byte* at, __mmask16 mask) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, at));
  }
};

struct BF16 {
  static constexpr size_t kBytes = 2;
  static __m512 Widen(__m256i row) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(row), 16)); }
  static __m512 Load(const std::byte* at) { return Widen(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at))); }
  static __m512 Tail(const std::byte* at, __mmask16 mask) { return Widen(_mm256_maskz_loadu_epi16(mask, at)); }
};

struct L2 {
  static __m512 Step(__m512 sum, __m512 a, __m512 b) {
    const __m512 d = _mm512_sub_ps(a, b);
    return _mm512_fmadd_ps(d, d, sum);
  }
};
struct Dot {
  static __m512 Step(__m512 sum, __m512 a, __m512 b) { return _mm512_fmadd_ps(a, b, sum); }
};
struct L1 {
  static __m512 Step(__m512 sum, __m512 a, __m512 b) { return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(a, b))); }
};

inline __mmask16 TailMask(size_t count) { return static_cast<__mmask16>((1u << count) - 1); }

// The totals of four registers each: lane i of the result's 128-bit part k belongs to part k of sums[i].
inline __m512 PartTotals(__m512 a, __m512 b, __m512 c, __m512 d) {
  const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
  const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
  const __m512d x = _mm512_castps_pd(ab), y = _mm512_castps_pd(cd);
  return _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(x, y)), _mm512_castpd_ps(_mm512_unpackhi_pd(x, y)));
}
inline __m128 FourTotals(__m512 a, __m512 b, __m512 c, __m512 d) {
  const __m512 parts = PartTotals(a, b, c, d);
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(parts), _mm512_extractf32x8_ps(parts, 1));
  return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

// One of the four, summed in the same order.
inline float OneTotal(__m512 a) {
  a = _mm512_add_ps(a, _mm512_permute_ps(a, 0x4e));
  a = _mm512_add_ps(a, _mm512_permute_ps(a, 0xb1));
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  return _mm_cvtss_f32(_mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
}

// The same sums in the same order as Four, so that two vectors have one distance whichever is called.
template <class Op, class A, class B>
float One(const std::byte* query, const std::byte* row, size_t dim) {
  __m512 s = _mm512_setzero_ps(), t = s;
  size_t i = 0;
  for (; i + 2 * kLanes <= dim; i += 2 * kLanes) {
    const std::byte* a = query + i * A::kBytes;
    const std::byte* b = row + i * B::kBytes;
    s = Op::Step(s, A::Load(a), B::Load(b));
    t = Op::Step(t, A::Load(a + kLanes * A::kBytes), B::Load(b + kLanes * B::kBytes));
  }
  for (; i < dim; i += kLanes) {
    const __mmask16 mask = dim - i >= kLanes ? __mmask16{0xffff} : TailMask(dim - i);
    s = Op::Step(s, A::Tail(query + i * A::kBytes, mask), B::Tail(row + i * B::kBytes, mask));
  }
  return OneTotal(_mm512_add_ps(s, t));
}

template <class Op, class A, class B>
void Four(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  const std::byte *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  size_t i = 0;
  for (; i + 2 * kLanes <= dim; i += 2 * kLanes) {
    const size_t j = i * B::kBytes, k = j + kLanes * B::kBytes;
    const __m512 a = A::Load(query + i * A::kBytes), b = A::Load(query + (i + kLanes) * A::kBytes);
    s0 = Op::Step(s0, a, B::Load(r0 + j));
    s1 = Op::Step(s1, a, B::Load(r1 + j));
    s2 = Op::Step(s2, a, B::Load(r2 + j));
    s3 = Op::Step(s3, a, B::Load(r3 + j));
    t0 = Op::Step(t0, b, B::Load(r0 + k));
    t1 = Op::Step(t1, b, B::Load(r1 + k));
    t2 = Op::Step(t2, b, B::Load(r2 + k));
    t3 = Op::Step(t3, b, B::Load(r3 + k));
  }
  for (; i < dim; i += kLanes) {
    const __mmask16 mask = dim - i >= kLanes ? __mmask16{0xffff} : TailMask(dim - i);
    const size_t j = i * B::kBytes;
    const __m512 a = A::Tail(query + i * A::kBytes, mask);
    s0 = Op::Step(s0, a, B::Tail(r0 + j, mask));
    s1 = Op::Step(s1, a, B::Tail(r1 + j, mask));
    s2 = Op::Step(s2, a, B::Tail(r2 + j, mask));
    s3 = Op::Step(s3, a, B::Tail(r3 + j, mask));
  }
  _mm_storeu_ps(out,
                FourTotals(_mm512_add_ps(s0, t0), _mm512_add_ps(s1, t1), _mm512_add_ps(s2, t2), _mm512_add_ps(s3, t3)));
}

// Bytes: 32 a step, widened to 16 bits; a lane gains at most 2 * 255^2 a step, so that it holds half a million
// components.
constexpr size_t kByteLanes = 32;

inline __m512i Widen(const std::byte* at) {
  return _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
}
inline __m512i WidenTail(const std::byte* at, __mmask32 mask) {
  return _mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(mask, at));
}
inline __mmask32 ByteMask(size_t count) {
  return count >= kByteLanes ? ~__mmask32{0} : static_cast<__mmask32>((1u << count) - 1);
}

struct ByteL2 {
  static __m512i Step(__m512i sum, __m512i a, __m512i b) {
    const __m512i d = _mm512_sub_epi16(a, b);
    return _mm512_add_epi32(sum, _mm512_madd_epi16(d, d));
  }
};
struct ByteDot {
  static __m512i Step(__m512i sum, __m512i a, __m512i b) { return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b)); }
};
struct ByteL1 {
  static __m512i Step(__m512i sum, __m512i a, __m512i b) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_abs_epi16(_mm512_sub_epi16(a, b)), _mm512_set1_epi16(1)));
  }
};

inline float Total(__m512i sums) {
  const __m512i low = _mm512_cvtepu32_epi64(_mm512_castsi512_si256(sums));
  const __m512i high = _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(sums, 1));
  return static_cast<float>(_mm512_reduce_add_epi64(_mm512_add_epi64(low, high)));
}

template <class Op>
float ByteOne(const std::byte* query, const std::byte* row, size_t dim) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0;
  size_t i = 0;
  for (; i + 2 * kByteLanes <= dim; i += 2 * kByteLanes) {
    s0 = Op::Step(s0, Widen(query + i), Widen(row + i));
    s1 = Op::Step(s1, Widen(query + i + kByteLanes), Widen(row + i + kByteLanes));
  }
  for (; i < dim; i += kByteLanes) {
    const __mmask32 mask = ByteMask(dim - i);
    s0 = Op::Step(s0, WidenTail(query + i, mask), WidenTail(row + i, mask));
  }
  return Total(_mm512_add_epi32(s0, s1));
}

template <class Op>
void ByteFour(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dim; i += kByteLanes) {
    const __mmask32 mask = ByteMask(dim - i);
    const __m512i a = WidenTail(query + i, mask);
    s0 = Op::Step(s0, a, WidenTail(rows[0] + i, mask));
    s1 = Op::Step(s1, a, WidenTail(rows[1] + i, mask));
    s2 = Op::Step(s2, a, WidenTail(rows[2] + i, mask));
    s3 = Op::Step(s3, a, WidenTail(rows[3] + i, mask));
  }
  out[0] = Total(s0);
  out[1] = Total(s1);
  out[2] = Total(s2);
  out[3] = Total(s3);
}

template <class Op, class A, class B>
constexpr Kernel kKernel = {One<Op, A, B>, Four<Op, A, B>};
template <class Op>
constexpr Kernel kByteKernel = {ByteOne<Op>, ByteFour<Op>};

inline __m512i CodeStep(__m512i sum, __m512i a, const std::byte* row) {
  const __m512i b = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(row)));
  return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
}

void CodeDot(const std::byte* query, const std::byte* const* rows, size_t dim, int32_t* out) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dim; i += 32) {
    const __m512i a = _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(query + i)));
    s0 = CodeStep(s0, a, rows[0] + i);
    s1 = CodeStep(s1, a, rows[1] + i);
    s2 = CodeStep(s2, a, rows[2] + i);
    s3 = CodeStep(s3, a, rows[3] + i);
  }
  out[0] = _mm512_reduce_add_epi32(s0);
  out[1] = _mm512_reduce_add_epi32(s1);
  out[2] = _mm512_reduce_add_epi32(s2);
  out[3] = _mm512_reduce_add_epi32(s3);
}

// 64 bytes of a query against those of rows; products of bytes fit 16 bits for codes of 4.
struct Codes4 {
  template <class Load>
  Codes4(const Load& load, const std::byte* query, size_t bytes) : a(load(query)), b(load(query + bytes)) {}
  __m512i Pairs(__m512i row) const {
    const __m512i mask = _mm512_set1_epi8(15);
    return _mm512_add_epi16(_mm512_maddubs_epi16(_mm512_and_si512(row, mask), a),
                            _mm512_maddubs_epi16(_mm512_and_si512(_mm512_srli_epi16(row, 4), mask), b));
  }
  __m512i a, b;
};
struct Codes2 {
  template <class Load>
  Codes2(const Load& load, const std::byte* query, size_t bytes)
      : a(load(query)), b(load(query + bytes)), c(load(query + 2 * bytes)), d(load(query + 3 * bytes)) {}
  __m512i Pairs(__m512i row) const {
    const __m512i mask = _mm512_set1_epi8(3);
    const auto pairs = [&](__m512i codes, __m512i of) __attribute__((always_inline)) {
      return _mm512_maddubs_epi16(_mm512_and_si512(codes, mask), of);
    };
    return _mm512_add_epi16(_mm512_add_epi16(pairs(row, a), pairs(_mm512_srli_epi16(row, 2), b)),
                            _mm512_add_epi16(pairs(_mm512_srli_epi16(row, 4), c), pairs(_mm512_srli_epi16(row, 6), d)));
  }
  __m512i a, b, c, d;
};

template <class Codes>
void PackedDot(const std::byte* query, const std::byte* const* rows, size_t bytes, int32_t* out) {
  const std::byte *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
  const auto step = [&](size_t i, const auto& load) __attribute__((always_inline)) {
    const Codes codes(load, query + i, bytes);
    const __m512i ones = _mm512_set1_epi16(1);
    s0 = _mm512_add_epi32(s0, _mm512_madd_epi16(codes.Pairs(load(r0 + i)), ones));
    s1 = _mm512_add_epi32(s1, _mm512_madd_epi16(codes.Pairs(load(r1 + i)), ones));
    s2 = _mm512_add_epi32(s2, _mm512_madd_epi16(codes.Pairs(load(r2 + i)), ones));
    s3 = _mm512_add_epi32(s3, _mm512_madd_epi16(codes.Pairs(load(r3 + i)), ones));
  };
  size_t i = 0;
  for (; i + 64 <= bytes; i += 64) {
    step(
        i, [](const std::byte* at) __attribute__((always_inline)) { return _mm512_loadu_si512(at); });
  }
  if (i < bytes) {
    const __mmask64 mask = (__mmask64{1} << (bytes - i)) - 1;
    step(
        i, [mask](const std::byte* at) __attribute__((always_inline)) { return _mm512_maskz_loadu_epi8(mask, at); });
  }
  out[0] = _mm512_reduce_add_epi32(s0);
  out[1] = _mm512_reduce_add_epi32(s1);
  out[2] = _mm512_reduce_add_epi32(s2);
  out[3] = _mm512_reduce_add_epi32(s3);
}

inline __m512 FloatsOfHalves(const std::byte* at) {
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

inline __m128i SumOfLanes(__m512i words) {
  const __m256i half = _mm256_add_epi16(_mm512_castsi512_si256(words), _mm512_extracti64x4_epi64(words, 1));
  return _mm_add_epi16(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

// Sums of bytes in even and odd places, the even ones with the odd ones times 256 on top: those of 16 rows in order.
inline __m512 RowSums(__m512i both, __m512i odd) {
  const __m128i evens = SumOfLanes(_mm512_sub_epi16(both, _mm512_slli_epi16(odd, 8)));
  const __m128i odds = SumOfLanes(odd);
  const __m256i rows = _mm256_set_m128i(_mm_unpackhi_epi16(evens, odds), _mm_unpacklo_epi16(evens, odds));
  return _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(rows));
}

inline __m512 LowerBounds(const ScanQuery& query, __m512 sums, const std::byte* terms, size_t row) {
  const std::byte* factors = terms + kScanRows * sizeof(float);
  const std::byte* errors = factors + kScanRows * sizeof(uint16_t);
  const __m512 product = _mm512_fmadd_ps(_mm512_set1_ps(query.scale), sums, _mm512_set1_ps(query.bias));
  const __m512 addend = _mm512_add_ps(_mm512_loadu_ps(terms + row * sizeof(float)), _mm512_set1_ps(query.offset));
  const __m512 estimate = _mm512_fmadd_ps(FloatsOfHalves(factors + row * 2), product, addend);
  return _mm512_fnmadd_ps(_mm512_set1_ps(query.spread), FloatsOfHalves(errors + row * 2), estimate);
}

struct BlockBounds {
  __m512 first, second;  // of rows from 0 and from 16 on
};

inline BlockBounds BoundsOf(const ScanQuery& query, const std::byte* block) {
  const __m512i nibble = _mm512_set1_epi8(15);
  __m512i low_both = _mm512_setzero_si512(), low_odd = low_both, high_both = low_both, high_odd = low_both;
  const size_t bytes = query.groups * 16;
  for (size_t i = 0; i < bytes; i += 64) {
    const __m512i pairs = _mm512_loadu_si512(block + i), table = _mm512_loadu_si512(query.tables + i);
    const __m512i low = _mm512_shuffle_epi8(table, _mm512_and_si512(pairs, nibble));
    const __m512i high = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(pairs, 4), nibble));
    low_both = _mm512_add_epi16(low_both, low);
    low_odd = _mm512_add_epi16(low_odd, _mm512_srli_epi16(low, 8));
    high_both = _mm512_add_epi16(high_both, high);
    high_odd = _mm512_add_epi16(high_odd, _mm512_srli_epi16(high, 8));
  }
  return {LowerBounds(query, RowSums(low_both, low_odd), block + bytes, 0),
          LowerBounds(query, RowSums(high_both, high_odd), block + bytes, 16)};
}

void Scan(const ScanQuery& query, const std::byte* blocks, size_t count, float threshold, uint32_t* found) {
  const __m512 limit = _mm512_set1_ps(threshold);
  for (size_t i = 0; i < count; ++i) {
    const BlockBounds bounds = BoundsOf(query, blocks + i * ScanBlockBytes(query.groups));
    found[i] = static_cast<uint32_t>(_mm512_cmp_ps_mask(bounds.first, limit, _CMP_LT_OQ)) |
               static_cast<uint32_t>(_mm512_cmp_ps_mask(bounds.second, limit, _CMP_LT_OQ)) << 16;
  }
}

void ScanForBounds(const ScanQuery& query, const std::byte* blocks, size_t count, float* lower) {
  for (size_t i = 0; i < count; ++i, lower += kScanRows) {
    const BlockBounds bounds = BoundsOf(query, blocks + i * ScanBlockBytes(query.groups));
    _mm512_storeu_ps(lower, bounds.first);
    _mm512_storeu_ps(lower + 16, bounds.second);
  }
}

// Keeps a value in a register: GCC 12 would load it again for every use, and the tile would wait for loads.
inline void Hold(__m512& value) { asm("" : "+v"(value)); }

// Adds neighbouring 128-bit parts: those of a, then those of b.
inline __m512 AddParts(__m512 a, __m512 b) {
  return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
}

// Of four left operands with one row. Members, not an array, which GCC 12 would keep in memory.
struct ColumnSums {
  __m512 a, b, c, d;
};
struct Lefts {
  __m512 a, b, c, d;
};
inline void TileStep(ColumnSums& sums, const Lefts& left, __m512 row) {
  Hold(row);
  sums.a = _mm512_fmadd_ps(left.a, row, sums.a);
  sums.b = _mm512_fmadd_ps(left.b, row, sums.b);
  sums.c = _mm512_fmadd_ps(left.c, row, sums.c);
  sums.d = _mm512_fmadd_ps(left.d, row, sums.d);
}

template <class A, class B>
void Tile(const std::byte* const* left, const std::byte* const* rows, size_t dim, float* out, size_t stride) {
  const std::byte *l0 = left[0], *l1 = left[1], *l2 = left[2], *l3 = left[3];
  const std::byte *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  const __m512 zero = _mm512_setzero_ps();
  ColumnSums s0{zero, zero, zero, zero}, s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + kLanes <= dim; i += kLanes) {
    const size_t at = i * A::kBytes, there = i * B::kBytes;
    Lefts x{A::Load(l0 + at), A::Load(l1 + at), A::Load(l2 + at), A::Load(l3 + at)};
    Hold(x.a), Hold(x.b), Hold(x.c), Hold(x.d);
    TileStep(s0, x, B::Load(r0 + there));
    TileStep(s1, x, B::Load(r1 + there));
    TileStep(s2, x, B::Load(r2 + there));
    TileStep(s3, x, B::Load(r3 + there));
  }
  if (i < dim) {
    const __mmask16 mask = TailMask(dim - i);
    const size_t at = i * A::kBytes, there = i * B::kBytes;
    const Lefts x{A::Tail(l0 + at, mask), A::Tail(l1 + at, mask), A::Tail(l2 + at, mask), A::Tail(l3 + at, mask)};
    TileStep(s0, x, B::Tail(r0 + there, mask));
    TileStep(s1, x, B::Tail(r1 + there, mask));
    TileStep(s2, x, B::Tail(r2 + there, mask));
    TileStep(s3, x, B::Tail(r3 + there, mask));
  }
  const __m512 low = AddParts(PartTotals(s0.a, s1.a, s2.a, s3.a), PartTotals(s0.b, s1.b, s2.b, s3.b));
  const __m512 high = AddParts(PartTotals(s0.c, s1.c, s2.c, s3.c), PartTotals(s0.d, s1.d, s2.d, s3.d));
  const __m512 totals = AddParts(low, high);
  _mm_storeu_ps(out, _mm512_castps512_ps128(totals));
  _mm_storeu_ps(out + stride, _mm512_extractf32x4_ps(totals, 1));
  _mm_storeu_ps(out + 2 * stride, _mm512_extractf32x4_ps(totals, 2));
  _mm_storeu_ps(out + 3 * stride, _mm512_extractf32x4_ps(totals, 3));
}

inline __m512 BoundsAt(const DotBounds& bounds, size_t j, __mmask16 mask) {
  const __m512 parts = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, bounds.parts + j), _mm512_set1_ps(bounds.part_scale));
  const __m512 dots = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, bounds.dots + j), _mm512_set1_ps(bounds.dot_scale));
  return _mm512_sub_ps(parts, dots);
}
inline __mmask16 LanesLeft(size_t count) { return count >= kLanes ? __mmask16{0xffff} : TailMask(count); }

size_t Least(const DotBounds& bounds) {
  __m512 least = _mm512_set1_ps(__builtin_inff());
  __m512i at = _mm512_setzero_si512();
  __m512i here = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (size_t j = 0; j < bounds.count; j += kLanes) {
    const __mmask16 mask = LanesLeft(bounds.count - j);
    const __m512 bound = BoundsAt(bounds, j, mask);
    const __mmask16 less = _mm512_mask_cmp_ps_mask(mask, bound, least, _CMP_LT_OQ);
    least = _mm512_mask_mov_ps(least, less, bound);
    at = _mm512_mask_mov_epi32(at, less, here);
    here = _mm512_add_epi32(here, _mm512_set1_epi32(kLanes));
  }
  const __mmask16 winners = _mm512_cmp_ps_mask(least, _mm512_set1_ps(_mm512_reduce_min_ps(least)), _CMP_EQ_OQ);
  return static_cast<size_t>(_mm512_mask_reduce_min_epu32(winners, at));
}

size_t Within(const DotBounds& bounds, float limit, uint32_t* positions) {
  const __m512 limits = _mm512_set1_ps(limit);
  size_t found = 0;
  for (size_t j = 0; j < bounds.count; j += kLanes) {
    const __mmask16 mask = LanesLeft(bounds.count - j);
    unsigned within = _mm512_mask_cmp_ps_mask(mask, BoundsAt(bounds, j, mask), limits, _CMP_NGT_UQ);
    for (; within != 0; within &= within - 1) {
      positions[found++] = static_cast<uint32_t>(j) + static_cast<uint32_t>(__builtin_ctz(within));
    }
  }
  return found;
}

}  // namespace

constinit const KernelTable kAvx512Kernels = {
    "avx512",
    {{kKernel<L2, F32, F32>, kKernel<Dot, F32, F32>, kKernel<L1, F32, F32>},
     {kKernel<L2, F32, F16>, kKernel<Dot, F32, F16>, kKernel<L1, F32, F16>},
     {kKernel<L2, F16, F16>, kKernel<Dot, F16, F16>, kKernel<L1, F16, F16>},
     {kByteKernel<ByteL2>, kByteKernel<ByteDot>, kByteKernel<ByteL1>},
     {kKernel<L2, F32, BF16>, kKernel<Dot, F32, BF16>, kKernel<L1, F32, BF16>},
     {kKernel<L2, BF16, BF16>, kKernel<Dot, BF16, BF16>, kKernel<L1, BF16, BF16>}},
    CodeDot,
    Scan,
    ScanForBounds,
    {Tile<F32, F32>, Tile<F32, F16>, nullptr, nullptr, Tile<F32, BF16>, nullptr},
    Least,
    Within,
    {nullptr, PackedDot<Codes4>, PackedDot<Codes2>}};

}  // namespace lineal::index
