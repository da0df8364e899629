// The innermost loops: one table of function pointers per instruction set. A pointer is null where a set has nothing
// better than the sets below it; active_kernels.h merges them. Files of an instruction set include this header and
// intrinsics only, and define nothing that the linker could share with the rest of the program.
//
// Threads: any; the functions are pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lineal::index {

// What the left operand (the query) and the right one (a row) are made of.
enum class Operands : uint8_t { kF32F32, kF32F16, kF16F16, kU8U8, kF32BF16, kBF16BF16 };
inline constexpr size_t kOperandKinds = 6;

// What is summed over the components: (a-b)^2, a*b, |a-b|.
enum class Sum : uint8_t { kL2, kDot, kL1 };
inline constexpr size_t kSums = 3;

// Sums of bytes are exact, and promised, up to this many components.
inline constexpr size_t kByteDimMax = 65'536;

// No alignment is asked of either operand.
using KernelOne = float (*)(const std::byte* query, const std::byte* row, size_t dim);
// One query against four rows; writes out[0..3], each what KernelOne of the same set gives, to the last bit.
using KernelFour = void (*)(const std::byte* query, const std::byte* const* rows, size_t dim, float* out);

struct Kernel {
  KernelOne one;
  KernelFour four;
};

// Sums of query[i] * row[i] for four rows of codes: the query's unsigned, the rows' signed. `dim` is a multiple of
// kCodeBlock, at most kCodeDimMax. Writes out[0..3].
inline constexpr size_t kCodeBlock = 64;
inline constexpr size_t kCodeDimMax = 8'192;
using CodeDotFour = void (*)(const std::byte* query, const std::byte* const* rows, size_t dim, int32_t* out);

// Sums of products of a query of signed bytes with four rows of packed unsigned codes, of 8, 4 or 2 bits. Byte j of a
// row holds the codes of 8 / bits components, the first in its lowest bits; the query's components for code p of each
// byte lie one after another from query + p * bytes. `bytes` is a multiple of kPackedBlock, at most kCodeDimMax. Writes
// out[0..3]; 128 times the greatest code times the components stays below 2^31.
inline constexpr size_t kPackedBlock = 16;
using PackedDotFour = void (*)(const std::byte* query, const std::byte* const* rows, size_t bytes, int32_t* out);
inline constexpr size_t kPackedWidths = 3;
constexpr size_t PackedWidth(uint32_t bits) { return bits == 8 ? 0 : bits == 4 ? 1 : 2; }

// A query against blocks of kScanRows rows of one-bit codes (index/quantizers/rabitq.h), by tables of sums over four
// components each. A block is `groups` times 16 bytes, four bits a row (byte j holds those of row j and, above them, of
// row j + 16), then kScanRows floats, then twice kScanRows upper halves of floats: the addends, factors and errors.
inline constexpr size_t kScanRows = 32;
struct ScanQuery {
  const std::byte* tables;  // 16 bytes a group; no sum of one entry of each is above 65535
  size_t groups;            // a multiple of 4
  float scale, bias;        // of a sum
  float offset;
  float spread;
};
// A row's estimate is addend + offset + factor * (scale * sum + bias), its lower bound spread * error below that. For
// each of `count` blocks one after another: bit i of found[block] is set if the lower bound of its row i is below
// `threshold`.
using ScanBlocks = void (*)(const ScanQuery& query, const std::byte* blocks, size_t count, float threshold,
                            uint32_t* found);
// The lower bounds themselves, kScanRows of each block; those of ScanBlocks of the same set, to the last bit.
using ScanBounds = void (*)(const ScanQuery& query, const std::byte* blocks, size_t count, float* lower);
constexpr size_t ScanBlockBytes(size_t groups) { return groups * 16 + kScanRows * (sizeof(float) + 2 * 2); }

// Dot products of four left operands with four rows; out[i * stride + j] is of left[i] and rows[j]. Each operand is
// loaded once for four products, so that the multiplier is what limits it.
using DotTile = void (*)(const std::byte* const* left, const std::byte* const* rows, size_t dim, float* out,
                         size_t stride);

// Bounds made of dot products: parts[j] * part_scale - dots[j] * dot_scale, for j of [0, count).
struct DotBounds {
  const float* parts;
  const float* dots;
  float part_scale, dot_scale;
  size_t count;  // below 2^31
};
// Where the least of `bounds` is, the first of equals being no promise; 0 if none is below infinity.
using LeastBound = size_t (*)(const DotBounds& bounds);
// Writes each j whose bound is not above `limit` (one that is no number is not), ascending; returns how many.
using BoundsWithin = size_t (*)(const DotBounds& bounds, float limit, uint32_t* positions);

struct KernelTable {
  const char* name;
  Kernel kernels[kOperandKinds][kSums];  // by Operands, then Sum
  CodeDotFour code_dot;
  ScanBlocks scan_blocks;
  ScanBounds scan_bounds;
  DotTile dot_tiles[kOperandKinds];  // by Operands; null in every set where nobody asks for it
  LeastBound least_bound;
  BoundsWithin bounds_within;
  PackedDotFour packed_dots[kPackedWidths];  // by PackedWidth
};

extern const KernelTable kReferenceKernels;  // complete
extern const KernelTable kAvx2Kernels;
extern const KernelTable kAvx512Kernels;
extern const KernelTable kAvx512VnniKernels;
extern const KernelTable kAvx512Bf16Kernels;

}  // namespace lineal::index
