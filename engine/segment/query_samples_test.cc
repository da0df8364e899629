#include "engine/segment/query_samples.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace lineal::engine {
namespace {

std::vector<float> Draw(Random* random, float centre = 0) {
  std::vector<float> values(8);
  for (float& x : values) x = centre + static_cast<float>(random->Gaussian());
  return values;
}

TEST(QuerySamples, KeepsTheFirstAndThenSomeOfTheRest) {
  QuerySamples samples;
  Random random(1);
  std::vector<std::vector<float>> offered;
  for (size_t i = 0; i < QuerySamples::kKept; ++i) {
    offered.push_back(Draw(&random));
    samples.Offer(3, offered.back());
  }
  EXPECT_EQ(samples.Take(3), offered);
  EXPECT_TRUE(samples.Take(4).empty());
  for (int i = 0; i < 320; ++i) samples.Offer(3, Draw(&random));
  const auto kept = samples.Take(3);
  EXPECT_EQ(kept.size(), QuerySamples::kKept);
  size_t replaced = 0;
  for (size_t i = 0; i < kept.size(); ++i) replaced += kept[i] != offered[i];
  EXPECT_EQ(replaced, 20u);
}

TEST(QuerySamples, KeepsNoQueryTwice) {
  QuerySamples samples;
  Random random(2);
  const std::vector<float> same = Draw(&random);
  for (int i = 0; i < 1'000; ++i) samples.Offer(0, same);
  EXPECT_EQ(samples.Take(0).size(), 1u);
}

TEST(QuerySamples, BoundsWhatLargeQueriesTake) {
  QuerySamples samples;
  const size_t dim = QuerySamples::kKeptBytes / sizeof(float) / 70;
  for (int i = 0; i < 128; ++i) samples.Offer(0, std::vector<float>(dim, static_cast<float>(i)));
  EXPECT_EQ(samples.Take(0).size(), 70u);
}

TEST(QuerySamples, TheGenerationGrowsWhenQueriesMove) {
  QuerySamples samples;
  Random random(3);
  const auto offer = [&](size_t count, float centre) {
    for (size_t i = 0; i < count; ++i) samples.Offer(0, Draw(&random, centre));
  };
  offer(QuerySamples::kEnough - 1, 0);
  EXPECT_EQ(samples.generation(0), 0u);
  offer(1, 0);
  EXPECT_EQ(samples.generation(0), 1u);
  offer(QuerySamples::kKept * 16 * 4, 0);
  EXPECT_EQ(samples.generation(0), 1u) << "others of the same kind";
  offer(QuerySamples::kKept * 16 * 2, 5);
  EXPECT_GE(samples.generation(0), 2u) << "of another kind";
}

}  // namespace
}  // namespace lineal::engine
