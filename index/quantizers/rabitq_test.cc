#include "index/quantizers/rabitq.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.h"
#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

std::vector<float> Draw(uint32_t dim, float mean, Random* random) {
  std::vector<float> values(dim);
  for (float& x : values) x = mean + static_cast<float>(random->Gaussian());
  return values;
}

double Dot(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void Normalise(std::vector<float>* values) {
  const auto norm = static_cast<float>(std::sqrt(Dot(*values, *values)));
  for (float& x : *values) x /= norm;
}

double SquareBetween(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return sum;
}

TEST(Rotation, KeepsLengthsAndAnglesAndSpreadsOneComponent) {
  Random random(3);
  for (uint32_t dim : {1, 2, 3, 7, 64, 100, 129, 768, 1536}) {
    const Rotation rotation(dim, 5);
    std::vector<float> a = Draw(dim, 0, &random), b = Draw(dim, 0, &random);
    const double aa = Dot(a, a), ab = Dot(a, b);
    rotation.Apply(a.data());
    rotation.Apply(b.data());
    EXPECT_NEAR(Dot(a, a), aa, 1e-4 * aa) << dim;
    EXPECT_NEAR(Dot(a, b), ab, 1e-4 * aa) << dim;
    if (dim < 64) continue;
    std::vector<float> axis(dim, 0.0f);
    axis[dim / 3] = 1;
    rotation.Apply(axis.data());
    float greatest = 0;
    for (float x : axis) greatest = std::max(greatest, std::abs(x));
    EXPECT_LT(greatest, 8 / std::sqrt(static_cast<float>(dim))) << dim;
  }
}

TEST(Rotation, IsTheSameForTheSameSeedOnly) {
  const std::vector<float> start = {1, 2, 3, 4, 5};
  std::vector<float> a = start, b = start, c = start;
  Rotation(5, 1).Apply(a.data());
  Rotation(5, 1).Apply(b.data());
  Rotation(5, 2).Apply(c.data());
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

// The least threshold at which a row is found is its lower bound: found by bisection, so that only the scan is asked.
float LowerBoundOf(const ScanQuery& query, const std::byte* block, size_t slot) {
  float low = -1e7f, high = 1e7f;
  for (int i = 0; i < 50; ++i) {
    const float middle = (low + high) / 2;
    uint32_t found = 0;
    ActiveKernels().scan_blocks(query, block, 1, middle, &found);
    (found >> slot & 1 ? high : low) = middle;
  }
  return high;
}

class Rabitq : public testing::TestWithParam<std::tuple<Distance, uint32_t>> {};

TEST_P(Rabitq, EstimatesWithoutBiasAndSaysHowFarOffItMayBe) {
  const auto [distance, dim] = GetParam();
  Random random(11);
  const std::vector<float> center = Draw(dim, 3, &random);
  const std::vector<float> centroid = Draw(dim, 3, &random);
  std::vector<float> query = Draw(dim, 3, &random);
  if (distance == Distance::kCosine) Normalise(&query);
  const double square = SquareBetween(query, centroid), product = Dot(query, centroid);

  // Each with a rotation of its own: without bias is an estimate over all rotations, not over rows that lie alike.
  constexpr size_t kBlocks = 60;
  double total_error = 0, total_allowed = 0;
  size_t beyond = 0;
  for (size_t block_number = 0; block_number < kBlocks; ++block_number) {
    const Rotation rotation(dim, block_number);
    RabitqEncoder encoder(distance, rotation, center);
    encoder.SetCentroid(centroid);
    const RabitqQuery rabitq(distance, rotation, center, query);
    std::vector<std::byte> block(RabitqBlockBytes(dim));
    std::vector<double> exact;
    for (size_t slot = 0; slot + 1 < kScanRows; ++slot) {
      std::vector<float> row = Draw(dim, 3, &random);
      if (distance == Distance::kCosine) Normalise(&row);
      encoder.Encode(row, slot, block.data());
      exact.push_back(distance == Distance::kDot ? -Dot(row, query) : SquareBetween(row, query));
    }
    encoder.Close(kScanRows - 1, block.data());
    const auto square_of = static_cast<float>(square), product_of = static_cast<float>(product);
    const ScanQuery estimate = rabitq.ForList(square_of, product_of, 0);
    const ScanQuery bounded = rabitq.ForList(square_of, product_of, 3);
    uint32_t all = 0;
    ActiveKernels().scan_blocks(estimate, block.data(), 1, std::numeric_limits<float>::infinity(), &all);
    EXPECT_EQ(all, 0x7fffffffu) << "closed places are never found";
    for (size_t slot = 0; slot + 1 < kScanRows; ++slot) {
      const double guess = LowerBoundOf(estimate, block.data(), slot);
      const double lower = LowerBoundOf(bounded, block.data(), slot);
      total_error += guess - exact[slot];
      total_allowed += guess - lower;
      beyond += lower > exact[slot];
    }
  }
  const double rows = kBlocks * (kScanRows - 1);
  EXPECT_LT(std::abs(total_error), 0.25 * total_allowed / 3) << "three deviations are " << total_allowed / rows;
  EXPECT_LE(static_cast<double>(beyond), 0.01 * rows);
}

INSTANTIATE_TEST_SUITE_P(Formats, Rabitq,
                         testing::Combine(testing::Values(Distance::kL2, Distance::kDot, Distance::kCosine),
                                          testing::Values(24u, 100u, 768u, 2048u)));

TEST(RabitqBlock, FindsARowThatIsItsCentroid) {
  const Rotation rotation(16, 1);
  const std::vector<float> centroid(16, 2.0f), query(16, 2.0f);
  RabitqEncoder encoder(Distance::kL2, rotation, centroid);
  encoder.SetCentroid(centroid);
  std::vector<std::byte> block(RabitqBlockBytes(16));
  encoder.Encode(centroid, 0, block.data());
  encoder.Close(1, block.data());
  const RabitqQuery rabitq(Distance::kL2, rotation, centroid, query);
  EXPECT_NEAR(LowerBoundOf(rabitq.ForList(0, 64, 3), block.data(), 0), 0, 1e-3);
}

}  // namespace
}  // namespace lineal::index
