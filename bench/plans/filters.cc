#include "bench/plans/filters.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/random.h"

namespace lineal::bench {
namespace {

constexpr size_t kCells = 256;

// Rows of cosine sets have length one, so that the square distance orders them, too.
float SquareDistance(const float* a, const float* b, size_t dim) {
  float sum = 0;
  for (size_t i = 0; i < dim; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

std::string_view NameOf(FilterKind kind) {
  switch (kind) {
    case FilterKind::kRandom:
      return "random";
    case FilterKind::kCells:
      return "cells";
    case FilterKind::kFar:
      return "far";
  }
  return "";
}

Cells::Cells(const DataSet& data) : data_(data) {}

void Cells::Divide() {
  cells_.resize(kCells);
  Random random(17);
  const auto rows = static_cast<uint32_t>(data_.base.rows());
  for (size_t i = 0; i < kCells; ++i) pivots_.push_back(random.Below(rows));
  for (uint32_t row = 0; row < rows; ++row) {
    size_t nearest = 0;
    float least = std::numeric_limits<float>::infinity();
    for (size_t c = 0; c < kCells; ++c) {
      const float distance = SquareDistance(data_.base.row(row), data_.base.row(pivots_[c]), data_.base.dim);
      if (distance < least) least = distance, nearest = c;
    }
    cells_[nearest].add(row);
  }
}

Roaring Cells::Passing(FilterKind kind, double share, const float* query) {
  const auto wanted = static_cast<uint64_t>(std::max(1.0, share * static_cast<double>(data_.base.rows())));
  Roaring passing;
  if (kind == FilterKind::kRandom) {
    Random random(23);
    for (uint32_t row = 0; row < data_.base.rows(); ++row) {
      if (random.Unit() < share) passing.add(row);
    }
    return passing;
  }
  if (cells_.empty()) Divide();
  std::vector<size_t> order(kCells);
  std::iota(order.begin(), order.end(), 0);
  if (kind == FilterKind::kFar) {
    std::vector<float> distances;
    for (uint32_t pivot : pivots_) {
      distances.push_back(SquareDistance(query, data_.base.row(pivot), data_.base.dim));
    }
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return distances[a] > distances[b]; });
  }
  for (size_t cell : order) {
    // Of the last cell only as many rows as are still wanted.
    for (uint32_t row : cells_[cell]) {
      if (passing.cardinality() == wanted) return passing;
      passing.add(row);
    }
  }
  return passing;
}

}  // namespace lineal::bench
