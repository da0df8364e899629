// What each kind of index is expected to find at each width, so that a quiet loss of quality is seen. Rows come from a
// seed and graphs are built by one thread: a figure moves by rounding between instruction sets, and by no more.
//
// The table holds what was measured when a line was last looked at. A change that finds less must
// not just lower it: say why in docs/adr/.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "gtest/gtest.h"
#include "index/flat/flat_search.h"
#include "index/hnsw/hnsw_index.h"
#include "index/ivf/ivf_index.h"
#include "index/quantizers/row_codes.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 10'000;
constexpr uint32_t kQueries = 300;
constexpr uint32_t kDim = 48;
constexpr uint32_t kClusters = 100;
constexpr size_t kTopK = 10;
constexpr double kTolerance = 0.006;
constexpr double kListTolerance = 0.015;  // rounding leads k-means other ways

enum class Walk { kRows, kCodes, kCodes4, kCodes2 };  // codes of eight, four, two bits

struct Expectation {
  Walk walk;
  Distance distance;
  uint32_t m;
  // Recall@10 at ef_search 10, 24 and 64.
  double at_10, at_24, at_64;
};

constexpr size_t kWidths[] = {10, 24, 64};

// Clusters of unequal sizes in 24 directions of their own each, a little noise in all others.
class Clusters {
 public:
  explicit Clusters(const RowFormat& format) : format_(format), rows_(format.row_bytes(), kRows + kQueries) {
    Random random(77);
    std::vector<std::vector<float>> centres(kClusters, std::vector<float>(kDim));
    std::vector<std::vector<std::vector<float>>> axes(kClusters, std::vector<std::vector<float>>(24));
    for (auto& centre : centres) Fill(&centre, 1.0f, &random);
    for (auto& own : axes) {
      for (auto& axis : own) Fill(&(axis = std::vector<float>(kDim)), 0.35f, &random);
    }
    std::vector<std::byte> row(format.row_bytes());
    for (uint32_t i = 0; i < kRows + kQueries; ++i) {
      const uint32_t cluster = std::min(random.Below(kClusters), random.Below(kClusters));
      std::vector<float> values = centres[cluster];
      for (const auto& axis : axes[cluster]) {
        const auto along = static_cast<float>(random.Gaussian());
        for (uint32_t d = 0; d < kDim; ++d) values[d] += along * axis[d];
      }
      for (float& x : values) x += static_cast<float>(random.Gaussian()) * 0.3f;
      EXPECT_TRUE(EncodeRow(format, values, row.data()).ok());
      rows_.Append(row.data());
    }
  }
  RowView view() const { return rows_.view(); }
  Query QueryOf(uint32_t i) const { return Query::FromRow(format_, view().at(LocalId{kRows + i})); }

 private:
  static void Fill(std::vector<float>* values, float scale, Random* random) {
    for (float& x : *values) x = static_cast<float>(random->Gaussian()) * scale;
  }

  const RowFormat format_;
  GrowingRows rows_;
};

template <class Expected>
std::string NameOf(const testing::TestParamInfo<Expected>& info) {
  constexpr const char* kDistances[] = {"L2", "Dot", "Cosine", "L1"};
  constexpr const char* kWalks[] = {"Rows", "Codes", "FourBits", "TwoBits"};
  std::string name = kWalks[static_cast<size_t>(info.param.walk)];
  name += kDistances[static_cast<size_t>(info.param.distance)];
  if constexpr (requires { info.param.m; }) name += "M" + std::to_string(info.param.m);
  return name;
}

std::shared_ptr<const RowCodes> Encode(Walk walk, const RowFormat& format, const Clusters& rows) {
  const uint32_t bits = walk == Walk::kCodes2 ? 2 : walk == Walk::kCodes4 ? 4 : 8;
  return BuildRowCodes(format, rows.view(), kRows, [](LocalId) { return true; }, {.bits = bits});
}

// Recall@10 at each width is what is expected, as search(query, params) finds it.
template <class Search>
void CheckRecall(const Clusters& rows, std::span<const size_t> widths, std::span<const double> wanted, double tolerance,
                 const Search& search) {
  for (size_t w = 0; w < widths.size(); ++w) {
    size_t hits = 0;
    for (uint32_t i = 0; i < kQueries; ++i) {
      const Query query = rows.QueryOf(i);
      const auto exact = ScanRange(query, rows.view(), LocalId{0}, LocalId{kRows}, {.top_k = kTopK});
      // By distance: of several equally near rows one is as good as another.
      const float last = exact.back().distance + std::abs(exact.back().distance) * 1e-6f;
      for (const Neighbor& found : search(query, SearchParams{.top_k = kTopK, .ef_search = widths[w]})) {
        hits += found.distance <= last;
      }
    }
    const double recall = static_cast<double>(hits) / (kQueries * kTopK);
    std::printf("ef_search %zu: recall@10 %.4f\n", widths[w], recall);
    EXPECT_GE(recall, wanted[w] - tolerance) << "at ef_search " << widths[w];
    EXPECT_LE(recall, wanted[w] + 2 * tolerance) << "better than expected: write it down, at ef_search " << widths[w];
  }
}

class Recall : public testing::TestWithParam<Expectation> {};

TEST_P(Recall, IsWhatItWas) {
  const Expectation& expected = GetParam();
  const RowFormat format{ElementType::kF32, expected.distance, kDim};
  const Clusters rows(format);
  auto index = HnswIndex::Create(format, {.m = expected.m, .ef_construct = 100}, rows.view(), kRows);
  // Links are chosen by eight bits, whatever a search goes by.
  if (expected.walk != Walk::kRows) index->AttachCodes(Encode(Walk::kCodes, format, rows));
  std::vector<LocalId> ids;
  for (uint32_t i = 0; i < kRows; ++i) ids.push_back(LocalId{i});
  ASSERT_TRUE(index->Insert(ids, {}).ok());
  if (expected.walk != Walk::kRows) index->AttachCodes(Encode(expected.walk, format, rows));
  const double wanted[] = {expected.at_10, expected.at_24, expected.at_64};
  CheckRecall(rows, kWidths, wanted, kTolerance,
              [&](const Query& query, const SearchParams& params) { return index->Search(query, params); });
}

struct ListExpectation {
  Walk walk;
  Distance distance;
  // Recall@10 at ef_search 1, 3 and 10.
  double at_1, at_3, at_10;
};
constexpr size_t kListWidths[] = {1, 3, 10};

class ListRecall : public testing::TestWithParam<ListExpectation> {};

TEST_P(ListRecall, IsWhatItWas) {
  const ListExpectation& expected = GetParam();
  const RowFormat format{ElementType::kF32, expected.distance, kDim};
  const Clusters rows(format);
  const auto index = *IvfIndex::Build(format, {}, rows.view(), kRows, [](LocalId) { return true; }, {});
  if (expected.walk != Walk::kRows) index->AttachCodes(Encode(expected.walk, format, rows));
  const double wanted[] = {expected.at_1, expected.at_3, expected.at_10};
  CheckRecall(rows, kListWidths, wanted, kListTolerance,
              [&](const Query& query, const SearchParams& params) { return index->Search(query, params); });
}

INSTANTIATE_TEST_SUITE_P(Hnsw, Recall,
                         testing::Values(Expectation{Walk::kRows, Distance::kL2, 16, 0.8563, 0.9460, 0.9900},
                                         Expectation{Walk::kCodes, Distance::kL2, 16, 0.8423, 0.9417, 0.9903},
                                         Expectation{Walk::kCodes4, Distance::kL2, 16, 0.8237, 0.9397, 0.9880},
                                         Expectation{Walk::kCodes2, Distance::kL2, 16, 0.6883, 0.9033, 0.9817},
                                         Expectation{Walk::kCodes4, Distance::kCosine, 16, 0.8470, 0.9603, 0.9933},
                                         Expectation{Walk::kCodes, Distance::kL2, 8, 0.7337, 0.8897, 0.9677},
                                         Expectation{Walk::kRows, Distance::kCosine, 16, 0.8883, 0.9660, 0.9940},
                                         Expectation{Walk::kCodes, Distance::kCosine, 16, 0.8890, 0.9637, 0.9937},
                                         Expectation{Walk::kRows, Distance::kDot, 16, 0.7213, 0.8617, 0.9357},
                                         Expectation{Walk::kCodes, Distance::kDot, 16, 0.7290, 0.8587, 0.9370}),
                         NameOf<Expectation>);

INSTANTIATE_TEST_SUITE_P(Lists, ListRecall,
                         testing::Values(ListExpectation{Walk::kRows, Distance::kL2, 0.5797, 0.7907, 0.9527},
                                         ListExpectation{Walk::kCodes, Distance::kL2, 0.5817, 0.7877, 0.9547},
                                         ListExpectation{Walk::kCodes4, Distance::kL2, 0.5800, 0.7910, 0.9617},
                                         ListExpectation{Walk::kCodes4, Distance::kCosine, 0.5750, 0.8067, 0.9697},
                                         ListExpectation{Walk::kCodes4, Distance::kDot, 0.5273, 0.7650, 0.9523},
                                         ListExpectation{Walk::kCodes2, Distance::kL2, 0.5800, 0.7923, 0.9637},
                                         ListExpectation{Walk::kCodes2, Distance::kCosine, 0.5750, 0.8073, 0.9757},
                                         ListExpectation{Walk::kCodes, Distance::kCosine, 0.5703, 0.8057, 0.9577},
                                         ListExpectation{Walk::kCodes, Distance::kDot, 0.5297, 0.7587, 0.9343}),
                         NameOf<ListExpectation>);

}  // namespace
}  // namespace lineal::index
