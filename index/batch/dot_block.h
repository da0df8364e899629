// Dot products of every row of one block with every row of another, and what they say about distances.
//
// Threads: any. The first call holds OpenBLAS to one thread, for the whole process.
#pragma once

#include <cstddef>
#include <vector>

namespace lineal::index {

// out[i * right_count + j] = left row i · right row j. Both are row-major floats, `dim` (at least 1) each.
void DotBlock(const float* left, size_t left_count, const float* right, size_t right_count, size_t dim, float* out);

// What a sum of `dim` products in floats may be off, as a share of the product of both lengths, in any order of
// summation (Higham, Accuracy and Stability of Numerical Algorithms, 3.1); four times that, which covers the sums of
// the kernels and of the norms as well.
float ErrorShare(size_t dim);

// Lower bounds of squared L2 distances from dot products: LowerPart(x) + LowerPart(y) - 2 x·y is at most the squared
// distance of x and y as any kernel computes it. Minus infinity where a float could not hold the terms.
float LowerPartOfL2(const float* row, size_t dim);
// The length of a row, rounded up. Infinity where a float cannot hold it.
float LengthAbove(const float* row, size_t dim);

}  // namespace lineal::index
