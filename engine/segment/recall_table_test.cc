#include "engine/segment/recall_table.h"

#include <cstring>

#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/hash.h"

namespace lineal::engine {
namespace {

RecallTable Table() {
  RecallTable table;
  table.rows = 100'000;
  table.m = 16;
  table.ef_construct = 100;
  table.by_codes = true;
  table.dead_rows = 7;
  table.queries = 128;
  table.recent_queries = 64;
  table.scan_recall = 0.999f;
  RecallTable::Band& plain = table.bands[static_cast<size_t>(FilterBand::kNone)];
  plain.at_10 = {{16, 0.7f, 0.02f}, {64, 0.9f, 0.01f}, {256, 0.98f, 0.003f}};
  plain.at_100 = {{128, 0.8f, 0.01f}, {512, 0.95f, 0.002f}};
  return table;
}

TEST(RecallTable, GivesTheLeastWidthThatSurelyReachesTheTarget) {
  const RecallTable table = Table();
  const auto width = [&](double target) { return table.WidthFor(target, 10, FilterBand::kNone); };
  // 0.7 less 1.65 errors of 0.02 is 0.667: below the first point there is no width to try.
  EXPECT_EQ(width(0.5), 16u);
  EXPECT_EQ(width(0.666), 16u);
  // At 64 0.9 - 1.65 * 0.01 = 0.8835 is sure.
  EXPECT_EQ(width(0.88349), 64u);
  EXPECT_GT(*width(0.884), 64u);
  EXPECT_LT(*width(0.88), 64u);
  EXPECT_GT(*width(0.7), 16u);
  // 0.98 - 1.65 * 0.003 = 0.97505 is all that is known of.
  EXPECT_EQ(width(0.97504), 256u);
  EXPECT_EQ(width(0.976), std::nullopt);
}

TEST(RecallTable, RunsStraightOverTheLogarithms) {
  RecallTable table;
  // What is missed falls from 0.4 to 0.1 while the width grows fourfold: at twice the width it is 0.2.
  table.bands[0].at_10 = {{32, 0.6f, 1e-9f}, {128, 0.9f, 1e-9f}};
  EXPECT_NEAR(static_cast<double>(*table.WidthFor(0.8, 10, FilterBand::kNone)), 64, 1);
  EXPECT_NEAR(*table.ExpectedAt(64, 10, FilterBand::kNone), 0.8, 1e-3);
  EXPECT_NEAR(*table.ExpectedAt(1, 1, FilterBand::kNone), 0.6, 1e-6);
  EXPECT_NEAR(*table.ExpectedAt(9'999, 10, FilterBand::kNone), 0.9, 1e-6);
}

TEST(RecallTable, KnowsOtherNumbersOfAnswers) {
  RecallTable table;
  table.bands[0].at_10 = {{20, 0.5f, 1e-9f}, {80, 0.9f, 1e-9f}};
  table.bands[0].at_100 = {{128, 0.5f, 1e-9f}, {320, 0.9f, 1e-9f}};
  const auto width = [&](size_t top_k) { return *table.WidthFor(0.89999, top_k, FilterBand::kNone); };
  EXPECT_EQ(width(1), width(10));
  EXPECT_EQ(width(10), 80u);
  // 32 lies half way between 10 and 100 by the logarithm: sqrt(80 * 320) = 160, and a little more.
  EXPECT_NEAR(static_cast<double>(width(32)), 160, 3);
  EXPECT_EQ(width(100), 320u);
  EXPECT_EQ(width(300), 960u);
  EXPECT_NEAR(*table.ExpectedAt(960, 300, FilterBand::kNone), 0.9, 1e-6);
  // Never fewer than the answers themselves.
  EXPECT_GE(*table.WidthFor(0.1, 5'000, FilterBand::kNone), 5'000u);
}

TEST(RecallTable, SaysNothingOfBandsThatWereNotMeasured) {
  const RecallTable table = Table();
  EXPECT_EQ(table.WidthFor(0.5, 10, FilterBand::kFew), std::nullopt);
  EXPECT_EQ(table.ExpectedAt(100, 10, FilterBand::kFew), std::nullopt);
  EXPECT_EQ(BandOf(50, 100), FilterBand::kMost);
  EXPECT_EQ(BandOf(49, 100), FilterBand::kSome);
  EXPECT_EQ(BandOf(10, 100), FilterBand::kSome);
  EXPECT_EQ(BandOf(9, 100), FilterBand::kFew);
}

TEST(RecallTable, IsNotMadeWiderByALaterPointThatFoundLess) {
  RecallTable table;
  table.bands[0].at_10 = {{16, 0.8f, 0.001f}, {32, 0.96f, 0.001f}, {64, 0.95f, 0.001f}, {128, 0.99f, 0.001f}};
  EXPECT_LE(*table.WidthFor(0.95, 10, FilterBand::kNone), 32u);
  EXPECT_GT(*table.WidthFor(0.97, 10, FilterBand::kNone), 64u);
}

TEST(RecallTable, ComesBackFromItsImage) {
  const RecallTable table = Table();
  const std::string image = EncodeRecallTable(table);
  const auto decoded = DecodeRecallTable(image);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, table);
}

TEST(RecallTable, KnowsTheBitsOfTheCodesItWasMeasuredBy) {
  constexpr size_t kBitsAt = 16;  // behind the magic, rows, m and ef_construct
  RecallTable table = Table();
  for (const uint32_t bits : {2u, 4u, 8u}) {
    table.code_bits = bits;
    std::string image = EncodeRecallTable(table);
    EXPECT_EQ(LoadFixed<uint32_t>(image.data() + kBitsAt), bits);
    EXPECT_EQ(*DecodeRecallTable(image), table);
  }
  const auto decoded_with = [&](uint32_t word) {
    std::string image = EncodeRecallTable(table);
    std::memcpy(image.data() + kBitsAt, &word, sizeof word);
    const uint32_t crc = Crc32c(std::string_view(image).substr(0, image.size() - sizeof(uint32_t)));
    std::memcpy(image.data() + image.size() - sizeof crc, &crc, sizeof crc);
    return DecodeRecallTable(image);
  };
  EXPECT_EQ(decoded_with(1)->code_bits, 8u) << "from before there was a choice";
  EXPECT_TRUE(decoded_with(1)->by_codes);
  EXPECT_FALSE(decoded_with(0)->by_codes);
  for (const uint32_t word : {3u, 5u, 16u}) EXPECT_FALSE(decoded_with(word).ok()) << word;
}

TEST(RecallTable, RefusesEveryDamagedImage) {
  const std::string image = EncodeRecallTable(Table());
  for (size_t i = 0; i < image.size(); ++i) {
    std::string damaged = image;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_FALSE(DecodeRecallTable(damaged).ok()) << "byte " << i;
    EXPECT_FALSE(DecodeRecallTable(image.substr(0, i)).ok()) << i << " bytes";
  }
  RecallTable impossible = Table();
  impossible.bands[0].at_10 = {{64, 0.9f, 0.1f}, {32, 0.9f, 0.1f}};
  EXPECT_FALSE(DecodeRecallTable(EncodeRecallTable(impossible)).ok()) << "widths fall";
  impossible.bands[0].at_10 = {{64, 1.5f, 0.1f}};
  EXPECT_FALSE(DecodeRecallTable(EncodeRecallTable(impossible)).ok()) << "more than everything was found";
}

}  // namespace
}  // namespace lineal::engine
