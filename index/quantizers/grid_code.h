// The point of a grid whose direction is nearest to that of a vector: the codes of extended RaBitQ (Gao et al., SIGMOD
// 2025). The grid's coordinates are -(2^bits - 1) / 2 to (2^bits - 1) / 2 in steps of one, without zero.
//
// Where we differ: the paper goes through every length of the vector at which a coordinate moves on, with a heap. Here
// some lengths between one that cuts nothing and one that cuts all but the middle of a normal distribution are tried,
// and each coordinate is moved once if that brings the direction nearer.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lineal::index {

struct GridFit {
  double product = 0;  // of the vector and the point
  double square = 0;   // of the point
};

// Writes each coordinate of the point, plus (2^bits - 1) / 2, to codes[0..dim). `bits` is 1 to 8.
GridFit NearestGridPoint(const float* vector, size_t dim, uint32_t bits, uint8_t* codes);

}  // namespace lineal::index
