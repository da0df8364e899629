#include "index/ivf/listed_rows.h"

#include <algorithm>
#include <map>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/string_sink.h"
#include "index/flat/flat_search.h"
#include "index/ivf/block_string.h"
#include "index/ivf/ivf_index.h"
#include "index/ivf/ivf_test_data.h"
#include "index/vectors/growing_rows.h"
#include "index/vectors/query.h"

namespace lineal::index {
namespace {

class EvenOnly final : public Acceptor {
 public:
  bool Accepts(LocalId id) const override { return Raw(id) % 2 == 0; }
};

// By distance, element type and dimension: rows that fill blocks evenly, cross them, and are longer than one.
class Listed : public testing::TestWithParam<std::tuple<Distance, ElementType, uint32_t>>, protected ClusteredRows {
 protected:
  Listed() : ClusteredRows({std::get<1>(GetParam()), std::get<0>(GetParam()), std::get<2>(GetParam())}, 60) {
    auto built = IvfIndex::Build(format_, {}, rows_.view(), kRows, [](LocalId id) { return Raw(id) % 5 != 0; }, {});
    EXPECT_TRUE(built.ok());
    index_ = *std::move(built);
    StringSink sink;
    EXPECT_TRUE(ListedRows::Save(format_, rows_.view(), index_->ids(), &sink).ok());
    file_ = std::make_shared<BlockString>(std::move(sink.bytes));
  }
  std::shared_ptr<const ListedRows> Open() {
    auto opened = ListedRows::Open(file_, format_, index_->ids());
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *opened;
  }
  // Also that distances are exact and no row comes twice.
  double RecallOf(SearchParams params) {
    size_t hits = 0, wanted = 0;
    for (const Query& query : queries_) {
      std::vector<Neighbor> exact = ScanList(query, rows_.view(), index_->ids(), params);
      SearchWork work;
      params.work = &work;
      const auto found = index_->Search(query, params);
      params.work = nullptr;
      EXPECT_TRUE(work.failure.ok()) << work.failure;
      EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
      EXPECT_EQ(std::adjacent_find(found.begin(), found.end()), found.end());
      wanted += exact.size();
      for (const Neighbor& neighbor : found) {
        EXPECT_FLOAT_EQ(neighbor.distance, query.DistanceTo(rows_.view().at(neighbor.id)));
        hits += std::find_if(exact.begin(), exact.end(), [&](const Neighbor& n) { return n.id == neighbor.id; }) !=
                exact.end();
      }
    }
    return static_cast<double>(hits) / static_cast<double>(wanted);
  }

  std::unique_ptr<IvfIndex> index_;
  std::shared_ptr<BlockString> file_;
};

TEST_P(Listed, AreReadInOrderWithTheirNeighboursAndNoneTwice) {
  const auto rows = Open();
  std::vector<uint32_t> all(rows->rows());
  std::iota(all.begin(), all.end(), 0);
  std::vector<uint32_t> some;
  for (uint32_t i = 3; i < rows->rows(); i += 1 + static_cast<uint32_t>(random_.Below(60))) some.push_back(i);
  for (const auto& places : {all, some, std::vector<uint32_t>{rows->rows() - 1}, std::vector<uint32_t>{}}) {
    std::vector<uint32_t> seen;
    const absl::Status read = rows->Read(
        places,
        [&](uint32_t place, const std::byte* bytes, uint32_t count) {
          for (uint32_t i = 0; i < count; ++i, bytes += format_.row_bytes()) {
            const std::byte* row = rows_.view().at(index_->ids()[place + i]);
            ASSERT_TRUE(std::equal(row, row + format_.row_bytes(), bytes)) << place + i;
            seen.push_back(place + i);
          }
        },
        nullptr);
    ASSERT_TRUE(read.ok()) << read;
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
    EXPECT_TRUE(std::includes(seen.begin(), seen.end(), places.begin(), places.end()));
  }
}

TEST_P(Listed, NearOnesShareARequest) {
  const auto rows = Open();
  SearchWork work;
  const std::vector<uint32_t> places = {0, 1, 2, 3, 2'000, 2'001};
  ASSERT_TRUE(rows->Read(
                      places, [](uint32_t, const std::byte*, uint32_t) {}, &work)
                  .ok());
  EXPECT_EQ(work.reads, 2u);
  EXPECT_LE(work.bytes_read, 6 * format_.row_bytes() + 4 * kBlockBytes);
}

TEST_P(Listed, SearchesFindNearlyAllAndReadFewRows) {
  index_->AttachListedRows(Open());
  EXPECT_GT(RecallOf({.top_k = 10, .ef_search = 256}), 0.95);
  EXPECT_GT(RecallOf({.top_k = 1, .ef_search = 1}), 0.2);
  const EvenOnly even;
  EXPECT_GT(RecallOf({.top_k = 20, .ef_search = 256, .acceptor = &even, .accepted_share = 0.5}), 0.95);
  SearchWork work;
  (void)index_->Search(queries_[0], {.top_k = 10, .ef_search = 16, .work = &work});
  EXPECT_GT(work.reads, 0u);
  EXPECT_LE(work.reads, work.rescored);
  EXPECT_LE(work.rescored, 52u);
  EXPECT_EQ(work.bytes_read % kBlockBytes, 0u);
}

TEST_P(Listed, ASearchThatCannotReadFindsNothingAndSaysWhy) {
  index_->AttachListedRows(Open());
  file_->fails_from = 0;
  SearchWork work;
  EXPECT_TRUE(index_->Search(queries_[0], {.work = &work}).empty());
  EXPECT_TRUE(absl::IsUnavailable(work.failure)) << work.failure;
}

TEST_P(Listed, ASearchThatMeetsADamagedBlockFindsNothingAndSaysWhere) {
  const auto rows = Open();
  index_->AttachListedRows(rows);
  Random random(9);
  const std::string sound = file_->bytes();
  size_t failed = 0;
  for (size_t i = 0; i < queries_.size(); ++i) {
    // One bit in each block: whichever is read, is found out.
    const uint64_t data_bytes = uint64_t{rows->rows()} * format_.row_bytes();
    for (uint64_t at = kBlockBytes; at < kBlockBytes + data_bytes; at += kBlockBytes) {
      file_->bytes()[at + random.Below(std::min<uint64_t>(kBlockBytes, kBlockBytes + data_bytes - at))] ^= 4;
    }
    SearchWork work;
    EXPECT_TRUE(index_->Search(queries_[i], {.work = &work}).empty());
    EXPECT_TRUE(absl::IsDataLoss(work.failure)) << work.failure;
    EXPECT_NE(work.failure.message().find("string at "), std::string::npos) << work.failure;
    failed += !work.failure.ok();
    file_->bytes() = sound;
  }
  EXPECT_EQ(failed, queries_.size());
  EXPECT_TRUE(rows->damaged());
}

TEST_P(Listed, RefuseADamagedHeaderAndDamagedChecksums) {
  const std::string sound = file_->bytes();
  const uint64_t data_end =
      kBlockBytes + (index_->ids().size() * format_.row_bytes() + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  const uint64_t blocks = data_end / kBlockBytes - 1;
  for (int i = 0; i < 200; ++i) {
    const uint64_t at = i % 2 == 0 ? random_.Below(kBlockBytes) : data_end + random_.Below((blocks + 1) * 4);
    file_->bytes()[at] = static_cast<char>(file_->bytes()[at] ^ 1 << random_.Below(8));
    EXPECT_TRUE(absl::IsDataLoss(ListedRows::Open(file_, format_, index_->ids()).status())) << at;
    file_->bytes() = sound;
  }
  file_->bytes().resize(sound.size() - kBlockBytes);
  EXPECT_FALSE(ListedRows::Open(file_, format_, index_->ids()).ok());
}

TEST_P(Listed, RefuseTheRowsOfOtherLists) {
  std::vector<LocalId> ids(index_->ids().begin(), index_->ids().end());
  std::swap(ids[0], ids[1]);
  EXPECT_TRUE(absl::IsDataLoss(ListedRows::Open(file_, format_, ids).status()));
}

INSTANTIATE_TEST_SUITE_P(Formats, Listed,
                         testing::Values(std::tuple(Distance::kL2, ElementType::kF32, 64u),
                                         std::tuple(Distance::kDot, ElementType::kF32, 50u),
                                         std::tuple(Distance::kCosine, ElementType::kF16, 75u),
                                         std::tuple(Distance::kCosine, ElementType::kF32, 1'100u)));

}  // namespace
}  // namespace lineal::index
