#include "index/ivf/list_groups.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "base/random.h"

namespace lineal::index {
namespace {

constexpr uint32_t kDim = 12;
constexpr RowFormat kFormat{ElementType::kF32, Distance::kL2, kDim};

std::vector<float> Draw(size_t count, Random* random) {
  std::vector<float> values(count * kDim);
  for (float& x : values) x = static_cast<float>(random->Gaussian());
  return values;
}

double Rank(const float* query, const float* centroid, bool dot) {
  double rank = 0;
  for (uint32_t i = 0; i < kDim; ++i) {
    rank += dot ? -2.0 * query[i] * centroid[i] : (query[i] - centroid[i]) * (query[i] - centroid[i]);
  }
  return rank;
}

TEST(ListGroups, AreNoneOfFewLists) {
  Random random(1);
  EXPECT_EQ(ListGroups::Of(Draw(ListGroups::kGroupedFrom - 1, &random), kDim), nullptr);
}

TEST(ListGroups, HoldEachListOnce) {
  Random random(2);
  const auto groups = ListGroups::Of(Draw(5'000, &random), kDim);
  ASSERT_NE(groups, nullptr);
  std::vector<uint32_t> all;
  for (size_t g = 0; g < groups->size(); ++g) {
    all.insert(all.end(), groups->lists(g).begin(), groups->lists(g).end());
  }
  std::sort(all.begin(), all.end());
  std::vector<uint32_t> wanted(5'000);
  std::iota(wanted.begin(), wanted.end(), 0u);
  EXPECT_EQ(all, wanted);
  EXPECT_GT(groups->memory_bytes(), 5'000 * sizeof(uint32_t));
}

class ListGroupsNear : public testing::TestWithParam<bool> {};

// Without any structure, the hardest case: of the lists that a search wants three quarters are among eight times as
// many.
TEST_P(ListGroupsNear, HasMostOfTheNearestLists) {
  const bool dot = GetParam();
  Random random(3);
  const std::vector<float> centroids = Draw(5'000, &random), queries = Draw(100, &random);
  const auto groups = ListGroups::Of(centroids, kDim);
  size_t found = 0;
  constexpr size_t kWanted = 100;
  for (size_t q = 0; q < 100; ++q) {
    const float* query = queries.data() + q * kDim;
    std::vector<uint32_t> order(5'000);
    std::iota(order.begin(), order.end(), 0u);
    std::vector<double> ranks;
    for (uint32_t list : order) ranks.push_back(Rank(query, centroids.data() + size_t{list} * kDim, dot));
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return ranks[a] < ranks[b]; });
    const auto near = groups->Near(*Query::Make(kFormat, {query, kDim}), dot, 8 * kWanted);
    EXPECT_GE(near.size(), 8 * kWanted);
    EXPECT_LT(near.size(), 10 * kWanted) << "no more than what was asked for, and a group";
    const std::set<uint32_t> those(near.begin(), near.end());
    EXPECT_EQ(those.size(), near.size());
    for (size_t i = 0; i < kWanted; ++i) found += those.contains(order[i]);
  }
  EXPECT_GE(found, 100 * kWanted * 7 / 10);
}

INSTANTIATE_TEST_SUITE_P(L2AndDot, ListGroupsNear, testing::Bool());

}  // namespace
}  // namespace lineal::index
