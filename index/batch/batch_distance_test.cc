#include "index/batch/batch_distance.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace lineal::index {
namespace {

std::vector<float> Draw(size_t values, double scale, Random* random) {
  std::vector<float> drawn(values);
  for (float& x : drawn) x = static_cast<float>(random->Gaussian() * scale);
  return drawn;
}

double SquaredL2(const float* a, const float* b, size_t dim) {
  double sum = 0;
  for (size_t i = 0; i < dim; ++i) sum += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
  return sum;
}

struct Found {
  std::vector<uint32_t> nearest;
  std::vector<float> distance;
};

Found Find(const std::vector<float>& rows, const std::vector<float>& centroids, size_t dim,
           Executor* executor = nullptr, size_t parallelism = 1) {
  const size_t count = rows.size() / dim;
  Found found{std::vector<uint32_t>(count, 999'999), std::vector<float>(count, -1)};
  NearestByL2(rows.data(), count, centroids.data(), centroids.size() / dim, dim, found.nearest.data(),
              found.distance.data(), executor, parallelism);
  return found;
}

// The kernel's own rounding, relative to the distance, is all that may separate an answer from one in doubles.
void ExpectNearest(const Found& found, const std::vector<float>& rows, const std::vector<float>& centroids,
                   size_t dim) {
  const double slack = 1e-6 * std::sqrt(static_cast<double>(dim)) + 1e-6;
  for (size_t i = 0; i < found.nearest.size(); ++i) {
    double least = HUGE_VAL;
    for (size_t j = 0; j < centroids.size() / dim; ++j) {
      least = std::min(least, SquaredL2(rows.data() + i * dim, centroids.data() + j * dim, dim));
    }
    ASSERT_LT(found.nearest[i], centroids.size() / dim);
    const double chosen = SquaredL2(rows.data() + i * dim, centroids.data() + found.nearest[i] * dim, dim);
    ASSERT_LE(chosen, least * (1 + slack)) << "row " << i << ", dim " << dim;
    ASSERT_NEAR(found.distance[i], chosen, chosen * slack) << "row " << i << ", dim " << dim;
  }
}

TEST(NearestByL2, FindsWhatDoublesFindAtEveryDimension) {
  Random random(1);
  std::vector<size_t> dims;
  for (size_t dim = 1; dim <= 130; ++dim) dims.push_back(dim);
  for (size_t dim : {768, 1'536}) dims.push_back(dim);
  for (const size_t dim : dims) {
    const std::vector<float> rows = Draw(70 * dim, 1, &random), centroids = Draw(45 * dim, 1, &random);
    ExpectNearest(Find(rows, centroids, dim), rows, centroids, dim);
  }
}

TEST(NearestByL2, WorksAcrossBlocksOfRowsAndCentroids) {
  Random random(2);
  for (const size_t count : {1, 255, 256, 257, 700}) {
    for (const size_t centroid_count : {1, 512, 513, 2'500}) {
      const std::vector<float> rows = Draw(count * 12, 1, &random), centroids = Draw(centroid_count * 12, 1, &random);
      ExpectNearest(Find(rows, centroids, 12), rows, centroids, 12);
    }
  }
  EXPECT_TRUE(Find({}, Draw(12, 1, &random), 12).nearest.empty());
}

// Products of floats lose these distances altogether: the squared lengths are 1e8 times as large.
TEST(NearestByL2, IsNotLedAstrayByACommonOffset) {
  Random random(3);
  const size_t dim = 64;
  std::vector<float> rows = Draw(300 * dim, 0.5, &random), centroids = Draw(200 * dim, 0.5, &random);
  for (float& x : rows) x += 4'096;
  for (float& x : centroids) x += 4'096;
  ExpectNearest(Find(rows, centroids, dim), rows, centroids, dim);
}

TEST(NearestByL2, HoldsForVectorsOfAnyScale) {
  Random random(4);
  for (const double scale : {1e-25, 1e-19, 1e-6, 1e6, 1e17}) {
    const std::vector<float> rows = Draw(50 * 9, scale, &random), centroids = Draw(40 * 9, scale, &random);
    const Found found = Find(rows, centroids, 9);
    for (size_t i = 0; i < 50; ++i) {
      const auto distance = [&](size_t j) { return SquaredL2(rows.data() + i * 9, centroids.data() + j * 9, 9); };
      for (size_t j = 0; j < 40; ++j) {
        EXPECT_LE(distance(found.nearest[i]), distance(j) * 1.00001 + 9e-38) << scale;
      }
    }
  }
  // A square that no float holds: the nearest is still the one that is the same.
  const std::vector<float> huge = {1e30f, -1e30f, 3e30f, 1e30f};
  EXPECT_EQ(Find(huge, {3e30f, 1e30f, 1e30f, -1e30f}, 2).nearest, (std::vector<uint32_t>{1, 0}));
}

TEST(NearestByL2, TakesTheFirstOfEquals) {
  const std::vector<float> rows = {0, 0, 5, 5};
  EXPECT_EQ(Find(rows, {9, 9, 1, 1, 1, 1, -1, 1, 9, 9}, 2).nearest, (std::vector<uint32_t>{1, 0}));
  const std::vector<float> same(2 * 3'000, 2.5f);
  EXPECT_EQ(Find(rows, same, 2).nearest, (std::vector<uint32_t>{0, 0}));
}

TEST(NearestByL2, GivesTheSameOnAnyNumberOfThreads) {
  Random random(5);
  Executor executor("batch", 3);
  const std::vector<float> rows = Draw(2'000 * 24, 1, &random), centroids = Draw(300 * 24, 1, &random);
  const Found alone = Find(rows, centroids, 24), spread = Find(rows, centroids, 24, &executor, 4);
  EXPECT_EQ(alone.nearest, spread.nearest);
  EXPECT_EQ(alone.distance, spread.distance);
  std::vector<uint32_t> nearest(2'000);
  NearestByL2(rows.data(), 2'000, centroids.data(), 300, 24, nearest.data(), nullptr, &executor, 2);
  EXPECT_EQ(nearest, alone.nearest);
}

}  // namespace
}  // namespace lineal::index
