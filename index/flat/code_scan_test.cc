#include "index/flat/code_scan.h"

#include <algorithm>
#include <tuple>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "index/flat/flat_search.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 5'000;

class CodeScan : public testing::TestWithParam<std::tuple<Distance, uint32_t>> {
 protected:
  CodeScan() {
    std::vector<std::byte> row(format_.row_bytes());
    for (uint32_t i = 0; i < kRows; ++i) {
      EXPECT_TRUE(EncodeRow(format_, Draw(), row.data()).ok());
      rows_.Append(row.data());
    }
    codes_ =
        BuildRowCodes(format_, rows_.view(), kRows, [](LocalId) { return true; }, {.bits = std::get<1>(GetParam())});
    for (uint32_t i = 0; i < kRows; i += 3) ids_.push_back(LocalId{i});
  }
  std::vector<float> Draw() {
    std::vector<float> values(format_.dim);
    for (float& x : values) x = static_cast<float>(random_.Gaussian());
    return values;
  }
  static std::vector<LocalId> IdsOf(const std::vector<Neighbor>& neighbors) {
    std::vector<LocalId> ids;
    for (const Neighbor& neighbor : neighbors) ids.push_back(neighbor.id);
    return ids;
  }

  const RowFormat format_{ElementType::kF32, std::get<0>(GetParam()), 48};
  GrowingRows rows_{format_.row_bytes(), kRows};
  Random random_{9};
  std::shared_ptr<const RowCodes> codes_;
  std::vector<LocalId> ids_;
};

TEST_P(CodeScan, FindsWhatAScanOfTheRowsFinds) {
  for (const size_t top_k : {1, 10, 100}) {
    int different = 0;
    for (int i = 0; i < 50; ++i) {
      const Query query = *Query::Make(format_, Draw());
      const SearchParams params{.top_k = top_k};
      const std::vector<Neighbor> exact = ScanList(query, rows_.view(), ids_, params);
      const std::vector<Neighbor> found = ScanListByCodes(*codes_, query, rows_.view(), ids_, params);
      ASSERT_EQ(found.size(), exact.size());
      for (const Neighbor& neighbor : found) {
        EXPECT_FLOAT_EQ(neighbor.distance, query.DistanceTo(rows_.view().at(neighbor.id)));
      }
      different += IdsOf(found) != IdsOf(exact);
    }
    EXPECT_LE(different, 1) << top_k;
  }
}

TEST_P(CodeScan, OfARangeIsThatOfTheListOfItsRows) {
  std::vector<LocalId> all;
  for (uint32_t i = 7; i < 4'002; ++i) all.push_back(LocalId{i});
  SearchWork of_list, of_range;
  for (int i = 0; i < 20; ++i) {
    const Query query = *Query::Make(format_, Draw());
    EXPECT_EQ(
        ScanRangeByCodes(*codes_, query, rows_.view(), all.front(), LocalId{4'002}, {.top_k = 10, .work = &of_range}),
        ScanListByCodes(*codes_, query, rows_.view(), all, {.top_k = 10, .work = &of_list}));
  }
  EXPECT_EQ(of_range.by_codes, 20 * all.size());
  EXPECT_EQ(of_list.by_codes, of_range.by_codes);
  EXPECT_EQ(of_list.rescored, of_range.rescored);
  EXPECT_GE(of_list.rescored, 20u * 10);
  EXPECT_LE(of_list.rescored, 20u * 52 * (std::get<1>(GetParam()) == 2 ? 8 : std::get<1>(GetParam()) == 4 ? 2 : 1));
  EXPECT_EQ(of_list.by_rows, of_list.rescored);
  EXPECT_EQ(of_list.hops, 0u);
}

TEST_P(CodeScan, AsksTheAcceptorAndTheDeadline) {
  struct Even final : Acceptor {
    bool Accepts(LocalId id) const override { return Raw(id) % 2 == 0; }
  } even;
  const Query query = *Query::Make(format_, Draw());
  for (const Neighbor& neighbor :
       ScanListByCodes(*codes_, query, rows_.view(), ids_, {.top_k = 50, .acceptor = &even})) {
    EXPECT_EQ(Raw(neighbor.id) % 6, 0u);
  }
  FakeClock clock;
  const SearchParams late{.top_k = 5, .deadline = Deadline::AfterMs(&clock, 0)};
  EXPECT_TRUE(ScanListByCodes(*codes_, query, rows_.view(), ids_, late).empty());
  EXPECT_TRUE(ScanListByCodes(*codes_, query, rows_.view(), {}, {.top_k = 5}).empty());
}

INSTANTIATE_TEST_SUITE_P(Distances, CodeScan,
                         testing::Combine(testing::Values(Distance::kL2, Distance::kDot, Distance::kCosine),
                                          testing::Values(8u, 4u, 2u)));

}  // namespace
}  // namespace lineal::index
