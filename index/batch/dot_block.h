// Dot products of every vector of one block with every vector of another, and what they say about distances.
//
// Threads: any.
#pragma once

#include <cstddef>

#include "index/kernels/kernel_table.h"

namespace lineal::index {

// Vectors one after another.
struct VectorRun {
  const std::byte* base;
  size_t stride;  // bytes
  size_t count;
  const std::byte* at(size_t i) const { return base + i * stride; }
};

// The longest left run that stays in the second-level cache while right ones pass by.
size_t LeftRunMax(size_t left_bytes);

// out[i * right.count + j] = left i · right j, of `dim` components each.
void DotBlock(DotTile tile, const VectorRun& left, const VectorRun& right, size_t dim, float* out);

// What a sum of `dim` products in floats may be off, as a share of the product of both lengths, in any order of
// summation (Higham, Accuracy and Stability of Numerical Algorithms, 3.1); four times that, which covers the sums of
// the kernels and of the norms as well.
float ErrorShare(size_t dim);

// Of the sum of a vector's squares, part of a lower bound: LowerPartOfL2(x) + LowerPartOfL2(y) - 2 x·y is at most the
// squared distance of x and y as any kernel computes it. Minus infinity where a float could not hold the terms.
float LowerPartOfL2(float squares, size_t dim);
// Of the same, the length, rounded up: x·y is off by less than ErrorShare times both. Infinity where a float cannot
// hold it.
float LengthAbove(float squares, size_t dim);

}  // namespace lineal::index
