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
enum class Operands : uint8_t { kF32F32, kF32F16, kF16F16, kU8U8 };
inline constexpr size_t kOperandKinds = 4;

// What is summed over the components: (a-b)^2, a*b, |a-b|.
enum class Sum : uint8_t { kL2, kDot, kL1 };
inline constexpr size_t kSums = 3;

// No alignment is asked of either operand.
using KernelOne = float (*)(const std::byte* query, const std::byte* row, size_t dim);
// One query against four rows; writes out[0..3].
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
constexpr size_t ScanBlockBytes(size_t groups) { return groups * 16 + kScanRows * (sizeof(float) + 2 * 2); }

struct KernelTable {
  const char* name;
  Kernel kernels[kOperandKinds][kSums];  // by Operands, then Sum
  CodeDotFour code_dot;
  ScanBlocks scan_blocks;
};

extern const KernelTable kReferenceKernels;  // complete
extern const KernelTable kAvx2Kernels;
extern const KernelTable kAvx512Kernels;
extern const KernelTable kAvx512VnniKernels;

}  // namespace lineal::index
