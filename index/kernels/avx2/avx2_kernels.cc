// AVX2 with FMA and F16C. Eight floats a step; a tail is copied into a register's worth of zeroes, which add nothing to
// any of the sums.
#include <immintrin.h>

#include "index/kernels/kernel_table.h"

namespace lineal::index {
namespace {

constexpr size_t kLanes = 8;

// `count` elements of `bytes` each at the start of a zeroed buffer.
struct alignas(32) Padded {
  std::byte bytes[32];
  Padded(const std::byte* at, size_t count) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), _mm256_setzero_si256());
    for (size_t i = 0; i < count; ++i) bytes[i] = at[i];
  }
};

struct F32 {
  static constexpr size_t kBytes = 4;
  static __m256 Load(const std::byte* at) { return _mm256_loadu_ps(reinterpret_cast<const float*>(at)); }
};
struct F16 {
  static constexpr size_t kBytes = 2;
  static __m256 Load(const std::byte* at) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  }
};
struct BF16 {
  static constexpr size_t kBytes = 2;
  static __m256 Load(const std::byte* at) {
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
  }
};
template <class T>
__m256 LoadTail(const std::byte* at, size_t count) {
  const Padded padded(at, count * T::kBytes);
  return T::Load(padded.bytes);
}

struct L2 {
  static __m256 Step(__m256 sum, __m256 a, __m256 b) {
    const __m256 d = _mm256_sub_ps(a, b);
    return _mm256_fmadd_ps(d, d, sum);
  }
};
struct Dot {
  static __m256 Step(__m256 sum, __m256 a, __m256 b) { return _mm256_fmadd_ps(a, b, sum); }
};
struct L1 {
  static __m256 Step(__m256 sum, __m256 a, __m256 b) {
    return _mm256_add_ps(sum, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(a, b)));
  }
};

inline float Total(__m256 sums) {
  __m128 v = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
  v = _mm_add_ps(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(_mm_add_ss(v, _mm_movehdup_ps(v)));
}

// The same sums in the same order as Four, so that two vectors have one distance whichever is called.
template <class Op, class A, class B>
float One(const std::byte* query, const std::byte* row, size_t dim) {
  __m256 s = _mm256_setzero_ps(), t = s;
  size_t i = 0;
  for (; i + 2 * kLanes <= dim; i += 2 * kLanes) {
    const std::byte* a = query + i * A::kBytes;
    const std::byte* b = row + i * B::kBytes;
    s = Op::Step(s, A::Load(a), B::Load(b));
    t = Op::Step(t, A::Load(a + kLanes * A::kBytes), B::Load(b + kLanes * B::kBytes));
  }
  if (i + kLanes <= dim) {
    s = Op::Step(s, A::Load(query + i * A::kBytes), B::Load(row + i * B::kBytes));
    i += kLanes;
  }
  if (i < dim) s = Op::Step(s, LoadTail<A>(query + i * A::kBytes, dim - i), LoadTail<B>(row + i * B::kBytes, dim - i));
  return Total(_mm256_add_ps(s, t));
}

template <class Op, class A, class B>
void Four(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  const std::byte *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  size_t i = 0;
  for (; i + 2 * kLanes <= dim; i += 2 * kLanes) {
    const size_t j = i * B::kBytes, k = j + kLanes * B::kBytes;
    const __m256 a = A::Load(query + i * A::kBytes), b = A::Load(query + (i + kLanes) * A::kBytes);
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
    const size_t j = i * B::kBytes, count = dim - i >= kLanes ? kLanes : dim - i;
    const __m256 a = LoadTail<A>(query + i * A::kBytes, count);
    s0 = Op::Step(s0, a, LoadTail<B>(r0 + j, count));
    s1 = Op::Step(s1, a, LoadTail<B>(r1 + j, count));
    s2 = Op::Step(s2, a, LoadTail<B>(r2 + j, count));
    s3 = Op::Step(s3, a, LoadTail<B>(r3 + j, count));
  }
  out[0] = Total(_mm256_add_ps(s0, t0));
  out[1] = Total(_mm256_add_ps(s1, t1));
  out[2] = Total(_mm256_add_ps(s2, t2));
  out[3] = Total(_mm256_add_ps(s3, t3));
}

// Bytes: 16 a step, widened to 16 bits; a lane gains at most 2 * 255^2 a step, so that it holds a quarter of a million
// components.
constexpr size_t kByteLanes = 16;

inline __m256i Widen(const std::byte* at) {
  return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}
inline __m256i WidenTail(const std::byte* at, size_t count) {
  const Padded padded(at, count);
  return Widen(padded.bytes);
}

struct ByteL2 {
  static __m256i Step(__m256i sum, __m256i a, __m256i b) {
    const __m256i d = _mm256_sub_epi16(a, b);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(d, d));
  }
};
struct ByteDot {
  static __m256i Step(__m256i sum, __m256i a, __m256i b) { return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)); }
};
struct ByteL1 {
  static __m256i Step(__m256i sum, __m256i a, __m256i b) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_abs_epi16(_mm256_sub_epi16(a, b)), _mm256_set1_epi16(1)));
  }
};

inline float ByteTotal(__m256i sums) {
  const __m256i wide = _mm256_add_epi64(_mm256_cvtepu32_epi64(_mm256_castsi256_si128(sums)),
                                        _mm256_cvtepu32_epi64(_mm256_extracti128_si256(sums, 1)));
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  return static_cast<float>(_mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1));
}

template <class Op>
float ByteOne(const std::byte* query, const std::byte* row, size_t dim) {
  __m256i s0 = _mm256_setzero_si256(), s1 = s0;
  size_t i = 0;
  for (; i + 2 * kByteLanes <= dim; i += 2 * kByteLanes) {
    s0 = Op::Step(s0, Widen(query + i), Widen(row + i));
    s1 = Op::Step(s1, Widen(query + i + kByteLanes), Widen(row + i + kByteLanes));
  }
  for (; i < dim; i += kByteLanes) {
    const size_t count = dim - i >= kByteLanes ? kByteLanes : dim - i;
    s0 = Op::Step(s0, WidenTail(query + i, count), WidenTail(row + i, count));
  }
  return ByteTotal(_mm256_add_epi32(s0, s1));
}

template <class Op>
void ByteFour(const std::byte* query, const std::byte* const* rows, size_t dim, float* out) {
  __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + kByteLanes <= dim; i += kByteLanes) {
    const __m256i a = Widen(query + i);
    s0 = Op::Step(s0, a, Widen(rows[0] + i));
    s1 = Op::Step(s1, a, Widen(rows[1] + i));
    s2 = Op::Step(s2, a, Widen(rows[2] + i));
    s3 = Op::Step(s3, a, Widen(rows[3] + i));
  }
  if (i < dim) {
    const __m256i a = WidenTail(query + i, dim - i);
    s0 = Op::Step(s0, a, WidenTail(rows[0] + i, dim - i));
    s1 = Op::Step(s1, a, WidenTail(rows[1] + i, dim - i));
    s2 = Op::Step(s2, a, WidenTail(rows[2] + i, dim - i));
    s3 = Op::Step(s3, a, WidenTail(rows[3] + i, dim - i));
  }
  out[0] = ByteTotal(s0);
  out[1] = ByteTotal(s1);
  out[2] = ByteTotal(s2);
  out[3] = ByteTotal(s3);
}

template <class Op, class A, class B>
constexpr Kernel kKernel = {One<Op, A, B>, Four<Op, A, B>};
template <class Op>
constexpr Kernel kByteKernel = {ByteOne<Op>, ByteFour<Op>};

inline __m128i LoadCodes(const std::byte* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
inline __m256i CodeStep(__m256i sum, __m256i a, const std::byte* row) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, _mm256_cvtepi8_epi16(LoadCodes(row))));
}

void CodeDot(const std::byte* query, const std::byte* const* rows, size_t dim, int32_t* out) {
  __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dim; i += 16) {
    const __m256i a = _mm256_cvtepu8_epi16(LoadCodes(query + i));
    s0 = CodeStep(s0, a, rows[0] + i);
    s1 = CodeStep(s1, a, rows[1] + i);
    s2 = CodeStep(s2, a, rows[2] + i);
    s3 = CodeStep(s3, a, rows[3] + i);
  }
  const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(s0, s1), _mm256_hadd_epi32(s2, s3));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                   _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
}

// 16 bytes of a query, against those of rows: sums of some products of theirs. Those of bytes fit 16 bits for codes
// of 4.
struct Codes8 {
  explicit Codes8(const std::byte* query, size_t) : a(_mm256_cvtepi8_epi16(LoadCodes(query))) {}
  __m256i Pairs(__m128i row) const { return _mm256_madd_epi16(a, _mm256_cvtepu8_epi16(row)); }
  __m256i a;
};
inline __m256i Two(__m128i low, __m128i high) { return _mm256_set_m128i(high, low); }
struct Codes4 {
  Codes4(const std::byte* query, size_t bytes) : a(Two(LoadCodes(query), LoadCodes(query + bytes))) {}
  __m256i Pairs(__m128i row) const {
    const __m256i codes = _mm256_and_si256(Two(row, _mm_srli_epi16(row, 4)), _mm256_set1_epi8(15));
    return _mm256_madd_epi16(_mm256_maddubs_epi16(codes, a), _mm256_set1_epi16(1));
  }
  __m256i a;
};
struct Codes2 {
  Codes2(const std::byte* query, size_t bytes)
      : a(Two(LoadCodes(query), LoadCodes(query + bytes))),
        b(Two(LoadCodes(query + 2 * bytes), LoadCodes(query + 3 * bytes))) {}
  __m256i Pairs(__m128i row) const {
    const __m256i codes = Two(row, _mm_srli_epi16(row, 2)), mask = _mm256_set1_epi8(3);
    const __m256i low = _mm256_maddubs_epi16(_mm256_and_si256(codes, mask), a);
    const __m256i high = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(codes, 4), mask), b);
    return _mm256_madd_epi16(_mm256_add_epi16(low, high), _mm256_set1_epi16(1));
  }
  __m256i a, b;
};

template <class Codes>
void PackedDot(const std::byte* query, const std::byte* const* rows, size_t bytes, int32_t* out) {
  const std::byte *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < bytes; i += kPackedBlock) {
    const Codes codes(query + i, bytes);
    s0 = _mm256_add_epi32(s0, codes.Pairs(LoadCodes(r0 + i)));
    s1 = _mm256_add_epi32(s1, codes.Pairs(LoadCodes(r1 + i)));
    s2 = _mm256_add_epi32(s2, codes.Pairs(LoadCodes(r2 + i)));
    s3 = _mm256_add_epi32(s3, codes.Pairs(LoadCodes(r3 + i)));
  }
  const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(s0, s1), _mm256_hadd_epi32(s2, s3));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                   _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
}

inline __m256i Load32(const std::byte* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }
inline __m256 FloatsOfHalves(const std::byte* at) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(LoadCodes(at)), 16));
}

// Sums of bytes in even and odd places, the even ones with the odd ones times 256 on top: those of 16 rows in order.
inline __m256i RowSums(__m256i both, __m256i odd) {
  const __m256i even = _mm256_sub_epi16(both, _mm256_slli_epi16(odd, 8));
  const __m128i evens = _mm_add_epi16(_mm256_castsi256_si128(even), _mm256_extracti128_si256(even, 1));
  const __m128i odds = _mm_add_epi16(_mm256_castsi256_si128(odd), _mm256_extracti128_si256(odd, 1));
  return _mm256_set_m128i(_mm_unpackhi_epi16(evens, odds), _mm_unpacklo_epi16(evens, odds));
}

// Calls take(row, lower bounds of eight rows from there on).
template <class Take>
inline void ForEachBound(const ScanQuery& query, const std::byte* block, const Take& take) {
  const __m256i nibble = _mm256_set1_epi8(15);
  __m256i low_both = _mm256_setzero_si256(), low_odd = low_both, high_both = low_both, high_odd = low_both;
  for (size_t i = 0; i < query.groups * 16; i += 32) {
    const __m256i pairs = Load32(block + i), table = Load32(query.tables + i);
    const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(pairs, nibble));
    const __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(pairs, 4), nibble));
    low_both = _mm256_add_epi16(low_both, low);
    low_odd = _mm256_add_epi16(low_odd, _mm256_srli_epi16(low, 8));
    high_both = _mm256_add_epi16(high_both, high);
    high_odd = _mm256_add_epi16(high_odd, _mm256_srli_epi16(high, 8));
  }
  const __m256i sums[2] = {RowSums(low_both, low_odd), RowSums(high_both, high_odd)};
  const std::byte* addends = block + query.groups * 16;
  const std::byte* factors = addends + kScanRows * sizeof(float);
  const std::byte* errors = factors + kScanRows * sizeof(uint16_t);
  for (size_t row = 0; row < kScanRows; row += 8) {
    const __m256i half = sums[row / 16];
    const __m128i eight = row % 16 == 0 ? _mm256_castsi256_si128(half) : _mm256_extracti128_si256(half, 1);
    const __m256 sum = _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(eight));
    const __m256 product = _mm256_fmadd_ps(_mm256_set1_ps(query.scale), sum, _mm256_set1_ps(query.bias));
    const __m256 addend = _mm256_loadu_ps(reinterpret_cast<const float*>(addends + row * sizeof(float)));
    const __m256 estimate = _mm256_fmadd_ps(FloatsOfHalves(factors + row * 2), product,
                                            _mm256_add_ps(addend, _mm256_set1_ps(query.offset)));
    take(row, _mm256_fnmadd_ps(_mm256_set1_ps(query.spread), FloatsOfHalves(errors + row * 2), estimate));
  }
}

// Four left operands with two rows: eight sums, the operands and a row fill the registers.
template <class A, class B>
void HalfTile(const std::byte* const* left, const std::byte* r0, const std::byte* r1, size_t dim, float* out,
              size_t stride) {
  const std::byte *l0 = left[0], *l1 = left[1], *l2 = left[2], *l3 = left[3];
  __m256 a0 = _mm256_setzero_ps(), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (size_t i = 0; i < dim; i += kLanes) {
    const size_t at = i * A::kBytes, there = i * B::kBytes;
    const bool whole = i + kLanes <= dim;
    const size_t count = dim - i;
    __m256 x = whole ? B::Load(r0 + there) : LoadTail<B>(r0 + there, count);
    __m256 y = whole ? B::Load(r1 + there) : LoadTail<B>(r1 + there, count);
    asm("" : "+x"(x), "+x"(y));  // GCC 12 would load them again for every use
    const __m256 q0 = whole ? A::Load(l0 + at) : LoadTail<A>(l0 + at, count);
    const __m256 q1 = whole ? A::Load(l1 + at) : LoadTail<A>(l1 + at, count);
    const __m256 q2 = whole ? A::Load(l2 + at) : LoadTail<A>(l2 + at, count);
    const __m256 q3 = whole ? A::Load(l3 + at) : LoadTail<A>(l3 + at, count);
    a0 = _mm256_fmadd_ps(q0, x, a0);
    b0 = _mm256_fmadd_ps(q0, y, b0);
    a1 = _mm256_fmadd_ps(q1, x, a1);
    b1 = _mm256_fmadd_ps(q1, y, b1);
    a2 = _mm256_fmadd_ps(q2, x, a2);
    b2 = _mm256_fmadd_ps(q2, y, b2);
    a3 = _mm256_fmadd_ps(q3, x, a3);
    b3 = _mm256_fmadd_ps(q3, y, b3);
  }
  out[0] = Total(a0), out[1] = Total(b0), out += stride;
  out[0] = Total(a1), out[1] = Total(b1), out += stride;
  out[0] = Total(a2), out[1] = Total(b2), out += stride;
  out[0] = Total(a3), out[1] = Total(b3);
}
template <class A, class B>
void Tile(const std::byte* const* left, const std::byte* const* rows, size_t dim, float* out, size_t stride) {
  HalfTile<A, B>(left, rows[0], rows[1], dim, out, stride);
  HalfTile<A, B>(left, rows[2], rows[3], dim, out + 2, stride);
}

inline __m256 BoundsAt(const DotBounds& bounds, size_t j) {
  return _mm256_sub_ps(_mm256_mul_ps(_mm256_loadu_ps(bounds.parts + j), _mm256_set1_ps(bounds.part_scale)),
                       _mm256_mul_ps(_mm256_loadu_ps(bounds.dots + j), _mm256_set1_ps(bounds.dot_scale)));
}
inline float BoundAt(const DotBounds& bounds, size_t j) {
  return bounds.parts[j] * bounds.part_scale - bounds.dots[j] * bounds.dot_scale;
}

size_t Least(const DotBounds& bounds) {
  __m256 least = _mm256_set1_ps(__builtin_inff());
  __m256i at = _mm256_setzero_si256(), here = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
  size_t j = 0;
  for (; j + kLanes <= bounds.count; j += kLanes) {
    const __m256 bound = BoundsAt(bounds, j);
    const __m256 less = _mm256_cmp_ps(bound, least, _CMP_LT_OQ);
    least = _mm256_blendv_ps(least, bound, less);
    at = _mm256_blendv_epi8(at, here, _mm256_castps_si256(less));
    here = _mm256_add_epi32(here, _mm256_set1_epi32(kLanes));
  }
  alignas(32) float values[kLanes];
  alignas(32) uint32_t places[kLanes];
  _mm256_store_ps(values, least);
  _mm256_store_si256(reinterpret_cast<__m256i*>(places), at);
  size_t best = 0;
  for (size_t i = 1; i < kLanes; ++i) best = values[i] < values[best] ? i : best;
  float value = values[best];
  size_t place = places[best];
  for (; j < bounds.count; ++j) {
    if (BoundAt(bounds, j) < value) value = BoundAt(bounds, j), place = j;
  }
  return place;
}

size_t Within(const DotBounds& bounds, float limit, uint32_t* positions) {
  const __m256 limits = _mm256_set1_ps(limit);
  size_t found = 0, j = 0;
  for (; j + kLanes <= bounds.count; j += kLanes) {
    int within = _mm256_movemask_ps(_mm256_cmp_ps(BoundsAt(bounds, j), limits, _CMP_NGT_UQ));
    for (; within != 0; within &= within - 1) {
      positions[found++] = static_cast<uint32_t>(j) + static_cast<uint32_t>(__builtin_ctz(within));
    }
  }
  for (; j < bounds.count; ++j) {
    if (!(BoundAt(bounds, j) > limit)) positions[found++] = static_cast<uint32_t>(j);
  }
  return found;
}

void Scan(const ScanQuery& query, const std::byte* blocks, size_t count, float threshold, uint32_t* found) {
  const __m256 limit = _mm256_set1_ps(threshold);
  for (size_t i = 0; i < count; ++i) {
    uint32_t below = 0;
    ForEachBound(query, blocks + i * ScanBlockBytes(query.groups), [&](size_t row, __m256 lower) {
      below |= static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(lower, limit, _CMP_LT_OQ))) << row;
    });
    found[i] = below;
  }
}

void ScanForBounds(const ScanQuery& query, const std::byte* blocks, size_t count, float* lower) {
  for (size_t i = 0; i < count; ++i, lower += kScanRows) {
    ForEachBound(query, blocks + i * ScanBlockBytes(query.groups),
                 [lower](size_t row, __m256 bounds) { _mm256_storeu_ps(lower + row, bounds); });
  }
}

}  // namespace

constinit const KernelTable kAvx2Kernels = {
    "avx2",
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
    {PackedDot<Codes8>, PackedDot<Codes4>, PackedDot<Codes2>}};

}  // namespace lineal::index
