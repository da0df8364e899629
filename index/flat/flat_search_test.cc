#include "index/flat/flat_search.h"

#include <algorithm>
#include <atomic>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 9'000;

class EveryThird : public Acceptor {
 public:
  bool Accepts(LocalId id) const override {
    ++asked;
    return Raw(id) % 3 == 0;
  }
  mutable std::atomic<uint32_t> asked{0};
};

class FlatSearch : public testing::Test {
 protected:
  FlatSearch() : rows_(format_.row_bytes(), kRows) {
    Random random(5);
    std::vector<float> values(format_.dim);
    std::vector<std::byte> row(format_.row_bytes());
    for (uint32_t i = 0; i < kRows; ++i) {
      // A coarse grid, so that equal distances occur.
      for (float& value : values) value = static_cast<float>(random.Below(5));
      EXPECT_TRUE(EncodeRow(format_, values, row.data()).ok());
      rows_.Append(row.data());
    }
    for (float& value : values) value = static_cast<float>(random.Below(5));
    query_ = std::make_unique<Query>(*Query::Make(format_, values));
  }

  std::vector<Neighbor> Sorted(uint32_t begin, uint32_t end, size_t top_k, uint32_t step = 1) const {
    std::vector<Neighbor> all;
    for (uint32_t i = begin; i < end; ++i) {
      if (i % step == 0) all.push_back({query_->DistanceTo(rows_.view().at(LocalId{i})), LocalId{i}});
    }
    std::sort(all.begin(), all.end());
    all.resize(std::min(all.size(), top_k));
    return all;
  }

  const RowFormat format_{ElementType::kF32, Distance::kL2, 6};
  GrowingRows rows_;
  std::unique_ptr<Query> query_;
};

TEST_F(FlatSearch, FindsTheNearestOfARangeInOrder) {
  for (auto [begin, end] : {std::pair(0u, kRows), std::pair(4'000u, 4'200u), std::pair(7u, 8u), std::pair(9u, 9u)}) {
    for (size_t top_k : {size_t{0}, size_t{1}, size_t{10}, size_t{999'999'999}}) {
      EXPECT_EQ(ScanRange(*query_, rows_.view(), LocalId{begin}, LocalId{end}, {.top_k = top_k}),
                Sorted(begin, end, top_k));
    }
  }
}

TEST_F(FlatSearch, FindsTheNearestOfAList) {
  for (size_t size : {0, 1, 3, 5, 1'000}) {
    std::vector<LocalId> ids;
    for (uint32_t i = 0; i < size; ++i) ids.push_back(LocalId{i});
    EXPECT_EQ(ScanList(*query_, rows_.view(), ids, {.top_k = 10}), Sorted(0, static_cast<uint32_t>(size), 10));
  }
}

TEST_F(FlatSearch, ReturnsOnlyWhatIsAcceptedAndAsksOnlyAboutTheNear) {
  EveryThird acceptor;
  EXPECT_EQ(ScanRange(*query_, rows_.view(), LocalId{0}, LocalId{kRows}, {.top_k = 10, .acceptor = &acceptor}),
            Sorted(0, kRows, 10, 3));
  EXPECT_LT(acceptor.asked, kRows / 10);
}

TEST_F(FlatSearch, StopsWhenTheDeadlineHasPassed) {
  FakeClock clock;
  SearchParams params{.top_k = 10, .deadline = Deadline::AfterMs(&clock, 5)};
  EXPECT_EQ(ScanRange(*query_, rows_.view(), LocalId{0}, LocalId{kRows}, params).size(), 10u);
  clock.AdvanceMs(6);
  EXPECT_TRUE(ScanRange(*query_, rows_.view(), LocalId{0}, LocalId{kRows}, params).empty());
}

}  // namespace
}  // namespace lineal::index
