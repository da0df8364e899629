#include "index/ivf/assignment.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace lineal::index {
namespace {

constexpr uint32_t kDim = 12;

std::vector<float> Draw(size_t count, Random* random) {
  std::vector<float> values;
  for (size_t i = 0; i < count * kDim; ++i) values.push_back(static_cast<float>(random->Gaussian()));
  return values;
}

double SquareTo(const float* row, const float* centroid) {
  double square = 0;
  for (uint32_t i = 0; i < kDim; ++i) square += (row[i] - centroid[i]) * (row[i] - centroid[i]);
  return square;
}

class AssignmentTest : public testing::TestWithParam<size_t> {};

TEST_P(AssignmentTest, FindsTheNearestOrOneHardlyFarther) {
  Random random(3);
  const size_t lists = GetParam();
  const std::vector<float> centroids = Draw(lists, &random), rows = Draw(2'000, &random);
  const auto groups = ListGroups::Of(centroids, kDim);
  const Assignment assignment(centroids, kDim, groups.get());
  std::vector<uint32_t> found(2'000);
  assignment.Find(rows.data(), found.size(), found.data());
  size_t nearest = 0;
  double least_sum = 0, found_sum = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    const float* row = rows.data() + i * kDim;
    double least = std::numeric_limits<double>::infinity();
    for (size_t list = 0; list < lists; ++list) least = std::min(least, SquareTo(row, centroids.data() + list * kDim));
    ASSERT_LT(found[i], lists);
    const double square = SquareTo(row, centroids.data() + size_t{found[i]} * kDim);
    nearest += square <= least * 1.0001;
    least_sum += least;
    found_sum += square;
  }
  const bool grouped = lists >= ListGroups::kGroupedFrom;
  EXPECT_GE(nearest, grouped ? found.size() * 93 / 100 : found.size());
  EXPECT_LE(found_sum, least_sum * (grouped ? 1.01 : 1.0001));
}

INSTANTIATE_TEST_SUITE_P(Lists, AssignmentTest, testing::Values(1, 300, ListGroups::kGroupedFrom, 5'000));

TEST(Assignment, OfNoRows) {
  Random random(4);
  const std::vector<float> centroids = Draw(3'000, &random);
  Assignment(centroids, kDim, ListGroups::Of(centroids, kDim).get()).Find(nullptr, 0, nullptr);
}

}  // namespace
}  // namespace lineal::index
