#include "storage/rows/row_keys.h"

#include "base/random.h"
#include "gtest/gtest.h"

namespace lineal::storage {
namespace {

TEST(RowKeys, PayloadVersionsOfARowOrderNewestFirst) {
  EXPECT_LT(PayloadKey(RowId{1}, Seq{9}), PayloadKey(RowId{1}, Seq{3}));
  EXPECT_LT(PayloadKey(RowId{1}, Seq{0}), PayloadKey(RowId{2}, kSeqMax));
  auto place = PlaceOfPayloadKey(PayloadKey(RowId{77}, Seq{5}));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->row, RowId{77});
  EXPECT_EQ(place->born, Seq{5});
  EXPECT_FALSE(PlaceOfPayloadKey("short"));
}

TEST(RowKeys, PidEntriesComeBackAlive_AndDead) {
  for (const PidEntry& entry : {PidEntry{RowId{0}, Seq{1}, kSeqMax}, PidEntry{RowId{1ull << 40}, Seq{5}, Seq{5}},
                                PidEntry{RowId{3}, Seq{5}, Seq{1ull << 50}}}) {
    auto read = DecodePid(EncodePid(entry));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->row, entry.row);
    EXPECT_EQ(read->born, entry.born);
    EXPECT_EQ(read->died, entry.died);
  }
  EXPECT_LE(EncodePid({RowId{1000}, Seq{1000}, kSeqMax}).size(), 4u);
  EXPECT_FALSE(DecodePid(""));
  EXPECT_FALSE(DecodePid(std::string(40, '\xff')));
}

TEST(RowKeys, ChangeRecordsComeBackWithRowsInAnyOrder) {
  ChangeRecord change;
  change.born = {RowId{10}, RowId{11}, RowId{12}};
  change.died = {RowId{9}, RowId{2}, RowId{1ull << 63}};
  change.payload_changed = {RowId{4}};
  change.wall_ms = 123;
  change.body_digest[0] = 1;
  change.chain_hash[31] = 2;
  auto read = DecodeChange(EncodeChange(change));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->born, change.born);
  EXPECT_EQ(read->died, change.died);
  EXPECT_EQ(read->payload_changed, change.payload_changed);
  EXPECT_EQ(read->wall_ms, 123);
  EXPECT_EQ(read->body_digest, change.body_digest);
  EXPECT_EQ(read->chain_hash, change.chain_hash);
}

TEST(RowKeys, ChangeRecordsOfAThousandRowsInARowTakeAboutAByteEach) {
  ChangeRecord change;
  for (uint64_t i = 0; i < 1000; ++i) change.born.push_back(RowId{1'000'000 + i});
  EXPECT_LT(EncodeChange(change).size(), 1100u);
}

TEST(RowKeys, DamagedValuesAreRefusedWithoutReadingPastThem) {
  ChangeRecord change;
  change.born = {RowId{10}};
  const std::string good = EncodeChange(change);
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(DecodeChange(good.substr(0, size)));
  std::string newer = good;
  newer[0] = 9;
  EXPECT_FALSE(DecodeChange(newer));
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string noise(random.Below(120), '\0');
    for (char& c : noise) c = static_cast<char>(random.Next());
    DecodeChange(noise);
    DecodePid(noise);
    DecodeHead(noise);
    DecodeDied(noise);
  }
}

TEST(RowKeys, HeadsComeBack) {
  LogHead head{Seq{5}, -1, {}};
  head.chain_hash[7] = 7;
  auto read = DecodeHead(EncodeHead(head));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seq, head.seq);
  EXPECT_EQ(read->wall_ms, -1);
  EXPECT_EQ(read->chain_hash, head.chain_hash);
}

}  // namespace
}  // namespace lineal::storage
