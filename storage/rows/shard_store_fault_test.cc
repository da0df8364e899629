// The data on disks that lose power, fail, fill up and rot: what is there is always the state after one seq.
#include "base/random.h"
#include "storage/rows/shard_store_fixture.h"

namespace lineal::storage {
namespace {

class ShardStoreFaultTest : public ShardStoreFixture {
 protected:
  // Flushes by itself every few hundred upserts.
  ShardStoreFaultTest() {
    options_.memtable_bytes = 64 << 10;
    options_.table_file_bytes = 64 << 10;
    options_.blob_file_bytes = 64 << 10;
    options_.row_blob_bytes_min = 100;
  }

  uint64_t UpsertUntilRefused(uint64_t from, uint64_t count) {
    for (uint64_t seq = from; seq < from + count; ++seq) {
      if (!Upsert(seq).ok()) return seq - 1;
    }
    return from + count - 1;
  }
  void RestorePower() {
    store_.reset();
    faults_->Heal();
    faults_->RestorePower();
    Open();
  }
};

TEST_F(ShardStoreFaultTest, IsTheStateAfterOneSeqAfterAPowerCut) {
  Random random(11);
  uint64_t last = 0;
  Open();
  for (int round = 0; round < 6; ++round) {
    last = UpsertUntilRefused(last + 1, 200 + random.Below(800));
    if (round % 3 == 0) {
      // Whether the background has flushed anything by now is a matter of luck: here something surely is on disk.
      ASSERT_TRUE(store_->Flush().ok());
      last = UpsertUntilRefused(last + 1, random.Below(300));
    }
    const Seq durable = store_->durable();
    faults_->CutPower();
    RestorePower();
    EXPECT_GE(store_->applied().seq, durable);
    EXPECT_LE(Raw(store_->applied().seq), last);
    ExpectWhole();
    last = Raw(store_->applied().seq);
  }
  EXPECT_GT(last, 0u) << "nothing was ever flushed: the test shows nothing";
}

TEST_F(ShardStoreFaultTest, KeepsWhatAFlushMadeDurable) {
  Open();
  UpsertUntilRefused(1, 50);
  ASSERT_TRUE(store_->Flush().ok());
  EXPECT_EQ(store_->durable(), Seq{50});
  UpsertUntilRefused(51, 10);
  faults_->CutPower();
  RestorePower();
  EXPECT_EQ(store_->applied().seq, Seq{50});
  ExpectWhole();
}

TEST_F(ShardStoreFaultTest, StopsAtAFailedSyncOrWriteAndIsWholeWhenOpenedAgain) {
  for (FaultPoint point : {FaultPoint::kSync, FaultPoint::kWrite}) {
    for (uint64_t k : {0, 2, 7, 16}) {
      SCOPED_TRACE(StrCat(point == FaultPoint::kSync ? "sync " : "write ", k));
      Open();
      faults_->Fail({.point = point, .error = FaultError::kIo, .after = k});
      UpsertUntilRefused(1, 400);
      absl::Status flushed = store_->Flush();
      if (faults_->failed()) {
        EXPECT_FALSE(flushed.ok());
        EXPECT_EQ(Upsert(10'000).code(), absl::StatusCode::kUnavailable) << store_->Health();
        EXPECT_FALSE(store_->Health().ok());
        EXPECT_TRUE(store_->GetRow(RowId{1}).ok()) << "reads go on";
      }
      faults_->CutPower();
      RestorePower();
      ExpectWhole();
      store_.reset();
      ASSERT_TRUE(PosixFileSystem()->Remove(directory_.Sub("shard")).ok());
    }
  }
}

TEST_F(ShardStoreFaultTest, RefusesWritesOnAFullDiskAndGoesOnWithoutLossWhenThereIsRoom) {
  Open();
  UpsertUntilRefused(1, 100);
  faults_->Fail({.point = FaultPoint::kWrite, .error = FaultError::kNoSpace});
  EXPECT_EQ(KindOf(store_->Flush()), ErrorKind::kDiskFull);
  files_.SetFree(0);
  EXPECT_EQ(KindOf(Upsert(101)), ErrorKind::kDiskFull);
  EXPECT_EQ(store_->applied().seq, Seq{100});
  EXPECT_TRUE(store_->GetRow(RowId{100}).ok()) << "reads go on";
  faults_->Heal();
  files_.SetFree(kRoomy);
  absl::Status status = Upsert(101);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(store_->Health().ok());
  absl::Status flushed = store_->Flush();
  ASSERT_TRUE(flushed.ok()) << flushed;
  EXPECT_EQ(store_->durable(), Seq{101});
  ExpectWhole();
  faults_->CutPower();
  RestorePower();
  EXPECT_EQ(store_->applied().seq, Seq{101});
  ExpectWhole();
}

TEST_F(ShardStoreFaultTest, FindsFlippedBitsInTablesAndBlobFiles) {
  Random random(17);
  int harmless = 0;
  for (int flip = 0; flip < 40; ++flip) {
    Open();
    UpsertUntilRefused(1, 120);
    store_.reset();
    std::vector<std::string> files = FilesEndingIn(directory_.Sub("shard"), flip % 2 ? ".blob" : ".sst");
    ASSERT_FALSE(files.empty());
    const std::string& file = files[random.Below(files.size())];
    const uint64_t offset = random.Below(PosixFileSystem()->ReadFile(file)->size());
    ASSERT_TRUE(FlipBit(file, offset, static_cast<int>(random.Below(8))));
    SCOPED_TRACE(StrCat(file, " offset ", offset));
    if (TryOpen().ok() && Problems().empty()) {
      ++harmless;
      ExpectWhole();
    }
    store_.reset();
    ASSERT_TRUE(PosixFileSystem()->Remove(directory_.Sub("shard")).ok());
  }
  // Bits that nothing reads: of a table's statistics, of a blob file's unused header fields.
  EXPECT_LT(harmless, 16);
}

}  // namespace
}  // namespace lineal::storage
