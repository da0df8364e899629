// Graphs that are built and walked by codes.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "index/flat/flat_search.h"
#include "index/hnsw/hnsw_test_data.h"
#include "index/quantizers/row_codes.h"
#include "index/quantizers/sq8_codes.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 4'000;

std::shared_ptr<const Sq8Codes> Encode(const TestRows& rows) {
  return Sq8Codes::Build(rows.format(), rows.view(), rows.count(), [](LocalId) { return true; });
}

struct Case {
  RowFormat format;
  std::string name;
};

class HnswCodes : public testing::TestWithParam<Case> {
 protected:
  HnswCodes() {
    index_ = HnswIndex::Create(GetParam().format, {}, rows_.view(), kRows);
    index_->AttachCodes(Encode(rows_));
    EXPECT_TRUE(index_->Insert(rows_.Ids(0, kRows), {}).ok());
  }
  std::vector<Neighbor> Exact(const Query& query, const SearchParams& params) const {
    return ScanRange(query, rows_.view(), LocalId{0}, LocalId{kRows}, params);
  }
  // By distance, so that one of several equally near rows is as good as another.
  double Recall(const HnswIndex& index, const SearchParams& params) const {
    size_t found = 0, wanted = 0;
    for (uint32_t i = 0; i < TestRows::kQueries; ++i) {
      const Query query = rows_.QueryOf(kRows + i);
      const std::vector<Neighbor> exact = Exact(query, params);
      wanted += exact.size();
      for (const Neighbor& neighbor : index.Search(query, params)) {
        found += neighbor.distance <= exact.back().distance;
      }
    }
    return static_cast<double>(found) / static_cast<double>(wanted);
  }

  const TestRows rows_{GetParam().format, kRows, 1};
  std::unique_ptr<HnswIndex> index_;
};

TEST_P(HnswCodes, ReturnExactDistancesInOrder) {
  for (uint32_t i = 0; i < TestRows::kQueries; ++i) {
    const Query query = rows_.QueryOf(kRows + i);
    const std::vector<Neighbor> found = index_->Search(query, {.top_k = 10, .ef_search = 64});
    ASSERT_EQ(found.size(), 10u);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    for (const Neighbor& neighbor : found) {
      EXPECT_FLOAT_EQ(neighbor.distance, query.DistanceTo(rows_.view().at(neighbor.id)));
    }
  }
}

TEST_P(HnswCodes, FindWhatRowsFind) {
  auto by_rows = HnswIndex::Create(GetParam().format, {}, rows_.view(), kRows);
  ASSERT_TRUE(by_rows->Insert(rows_.Ids(0, kRows), {}).ok());
  for (const size_t ef : {16, 64}) {
    const SearchParams params{.top_k = 10, .ef_search = ef};
    EXPECT_GE(Recall(*index_, params), Recall(*by_rows, params) - 0.02) << ef;
  }
  EXPECT_GE(Recall(*index_, {.top_k = 10, .ef_search = 64}), 0.96);
}

TEST_P(HnswCodes, OfFewerBitsFindWhatRowsFindOnAWiderWalk) {
  for (const uint32_t bits : {4u, 2u}) {
    index_->AttachCodes(
        BuildRowCodes(GetParam().format, rows_.view(), kRows, [](LocalId) { return true; }, {.bits = bits}));
    EXPECT_GE(Recall(*index_, {.top_k = 10, .ef_search = bits == 4 ? 64u : 256u}), 0.96) << bits;
    for (uint32_t i = 0; i < TestRows::kQueries; ++i) {
      const Query query = rows_.QueryOf(kRows + i);
      for (const Neighbor& neighbor : index_->Search(query, {.top_k = 10, .ef_search = 64})) {
        EXPECT_FLOAT_EQ(neighbor.distance, query.DistanceTo(rows_.view().at(neighbor.id)));
      }
    }
  }
}

TEST_P(HnswCodes, AreOfNoUseForLinksWithFewerBits) {
  auto index = HnswIndex::Create(GetParam().format, {}, rows_.view(), kRows);
  index->AttachCodes(BuildRowCodes(GetParam().format, rows_.view(), kRows, [](LocalId) { return true; }, {.bits = 2}));
  ASSERT_TRUE(index->Insert(rows_.Ids(0, kRows), {}).ok());
  EXPECT_GE(Recall(*index, {.top_k = 10, .ef_search = 64, .use_codes = false}), 0.97) << "chosen by rows";
}

TEST_P(HnswCodes, CanBeLeftAsideForOneSearch) {
  const SearchParams params{.top_k = 10, .ef_search = 64, .use_codes = false};
  EXPECT_GE(Recall(*index_, params), 0.97);
}

TEST_P(HnswCodes, FindWhatAFilterAccepts) {
  struct Third final : Acceptor {
    bool Accepts(LocalId id) const override { return Raw(id) % 3 == 0; }
  } third;
  const SearchParams params{.top_k = 10, .ef_search = 64, .acceptor = &third};
  for (const Neighbor& neighbor : index_->Search(rows_.QueryOf(kRows), params)) EXPECT_EQ(Raw(neighbor.id) % 3, 0u);
  EXPECT_GE(Recall(*index_, params), 0.97);
}

TEST_P(HnswCodes, FindTheNearestToEveryRow) {
  const auto lost = [&](const SearchParams& params) {
    size_t count = 0;
    for (uint32_t id = 0; id < kRows; ++id) {
      const Query query = rows_.QueryOf(id);
      const std::vector<Neighbor> found = index_->Search(query, params);
      count += found.size() != 1 || found[0].distance > Exact(query, params)[0].distance + 1e-5f;
    }
    return count;
  };
  const size_t by_rows = lost({.top_k = 1, .ef_search = 64, .use_codes = false});
  if (GetParam().format.distance != Distance::kDot) {
    EXPECT_EQ(by_rows, 0u);
  }
  EXPECT_LE(lost({.top_k = 1, .ef_search = 64}), by_rows + kRows / 400);
}

TEST_P(HnswCodes, FindTheRestWhenAQuarterIsRemoved) {
  struct Present final : Acceptor {
    bool Accepts(LocalId id) const override { return Raw(id) % 4 != 0; }
  } present;
  for (uint32_t id = 0; id < kRows; id += 4) index_->Remove(LocalId{id});
  EXPECT_GE(Recall(*index_, {.top_k = 10, .ef_search = 64, .acceptor = &present}), 0.95);
}

TEST_P(HnswCodes, ServeAMappedImageToo) {
  HnswStamp stamp;
  auto loaded = HnswIndex::Load(RegionOf(SavedImage(*index_, 0)), GetParam().format, rows_.view(), &stamp);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  (*loaded)->AttachCodes(Encode(rows_));
  const SearchParams params{.top_k = 10, .ef_search = 32};
  for (uint32_t i = 0; i < TestRows::kQueries; ++i) {
    const Query query = rows_.QueryOf(kRows + i);
    EXPECT_EQ((*loaded)->Search(query, params), index_->Search(query, params));
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, HnswCodes,
                         testing::Values(Case{{ElementType::kF32, Distance::kL2, 24}, "F32L2"},
                                         Case{{ElementType::kF32, Distance::kCosine, 24}, "F32Cosine"},
                                         Case{{ElementType::kF32, Distance::kDot, 24}, "F32Dot"},
                                         Case{{ElementType::kF16, Distance::kCosine, 24}, "F16Cosine"}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lineal::index
