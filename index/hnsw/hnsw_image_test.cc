#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "index/hnsw/hnsw_image.h"
#include "index/hnsw/hnsw_test_data.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 600;

class HnswImage : public testing::Test {
 protected:
  HnswImage() : rows_({ElementType::kF32, Distance::kL2, 8}, kRows, 31) {
    index_ = HnswIndex::Create(rows_.format(), {.m = 6, .ef_construct = 40, .seed = 5}, rows_.view(), 2 * kRows);
    EXPECT_TRUE(index_->Insert(rows_.Ids(0, kRows), {}).ok());
    for (uint32_t i = 0; i < 50; ++i) index_->Remove(LocalId{i * 7});
    image_ = SavedImage(*index_, 41'902);
  }
  absl::StatusOr<std::unique_ptr<HnswIndex>> Load(const std::string& image, uint64_t row_count = kRows) {
    return HnswIndex::Load(RegionOf(image), rows_.format(), rows_.view(), &stamp_, row_count);
  }

  const TestRows rows_;
  std::unique_ptr<HnswIndex> index_;
  std::string image_;
  HnswStamp stamp_;
};

TEST_F(HnswImage, SearchesAsTheGraphItWasSavedFrom) {
  const auto loaded = Load(image_);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(stamp_.watermark, 41'902u);
  EXPECT_EQ(stamp_.rows, kRows);
  EXPECT_EQ(stamp_.params.m, 6u);
  EXPECT_EQ(stamp_.params.ef_construct, 40u);
  EXPECT_EQ(stamp_.params.seed, 5u);
  EXPECT_EQ((*loaded)->size(), kRows - 50);
  EXPECT_FALSE((*loaded)->Contains(LocalId{7}));
  for (uint32_t i = 0; i < TestRows::kQueries; ++i) {
    const Query query = rows_.QueryOf(kRows + i);
    EXPECT_EQ((*loaded)->Search(query, {.top_k = 10}), index_->Search(query, {.top_k = 10}));
  }
  EXPECT_EQ(SavedImage(**loaded, 41'902), image_);
}

TEST_F(HnswImage, OfAnEmptyGraphLoads) {
  const auto empty = HnswIndex::Create(rows_.format(), {}, rows_.view(), 10);
  const auto loaded = Load(SavedImage(*empty, 1));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE((*loaded)->Search(rows_.QueryOf(1), {}).empty());
}

TEST_F(HnswImage, IsForSearchingOnlyAndCanBeCopied) {
  const auto loaded = Load(image_);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ((*loaded)->Insert(rows_.Ids(0, 1), {}).code(), absl::StatusCode::kFailedPrecondition);
  (*loaded)->Remove(LocalId{1});
  EXPECT_TRUE((*loaded)->Contains(LocalId{1}));
  const auto copy = HnswIndex::CopyRemapped(**loaded, rows_.Ids(0, kRows), rows_.view(), kRows, {});
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ((*copy)->size(), kRows - 50);
  EXPECT_TRUE((*copy)->Insert(rows_.Ids(0, kRows), {}).ok());
  EXPECT_EQ((*copy)->size(), kRows);
}

TEST_F(HnswImage, IsRefusedForAnotherFormatOrFewerRows) {
  const auto refused = [](const auto& loaded) { return loaded.status().code() == absl::StatusCode::kDataLoss; };
  EXPECT_TRUE(refused(Load(image_, kRows - 1)));
  for (const RowFormat& other :
       {RowFormat{ElementType::kF16, Distance::kL2, 8}, RowFormat{ElementType::kF32, Distance::kDot, 8},
        RowFormat{ElementType::kF32, Distance::kL2, 9}}) {
    EXPECT_TRUE(refused(HnswIndex::Load(RegionOf(image_), other, rows_.view(), &stamp_)));
  }
}

TEST_F(HnswImage, IsRefusedWithAnyBitFlippedOrCutShort) {
  for (size_t i = 0; i < image_.size(); i += i < sizeof(HnswImageHeader) ? 1 : 61) {
    std::string damaged = image_;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << i % 8));
    EXPECT_EQ(Load(damaged).status().code(), absl::StatusCode::kDataLoss) << "byte " << i;
  }
  for (size_t size : {size_t{0}, size_t{127}, size_t{128}, image_.size() - 1}) {
    EXPECT_EQ(Load(image_.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(Load(image_ + '\0').status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(HnswImage, MadeToDeceiveIsRefusedOrHarmless) {
  // Damage under checksums that were put right again.
  Random random(77);
  size_t accepted = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string damaged = image_;
    for (uint64_t edits = random.Below(4) + 1; edits > 0; --edits) {
      const uint64_t range = random.OneIn(3) ? sizeof(HnswImageHeader) : damaged.size();
      damaged[random.Below(range)] = static_cast<char>(random.OneIn(2) ? random.Below(256) : random.Below(3));
    }
    HnswImageHeader header;
    std::memcpy(&header, damaged.data(), sizeof header);
    header.body_crc = Crc32c(std::string_view(damaged).substr(sizeof header));
    header.header_crc = 0;
    header.header_crc = Crc32c({reinterpret_cast<const char*>(&header), sizeof header});
    std::memcpy(damaged.data(), &header, sizeof header);
    const auto loaded = Load(damaged);
    if (!loaded.ok()) continue;
    ++accepted;
    for (const Neighbor& found : (*loaded)->Search(rows_.QueryOf(round % kRows), {})) EXPECT_LT(Raw(found.id), kRows);
  }
  EXPECT_GT(accepted, 100u);
}

}  // namespace
}  // namespace lineal::index
