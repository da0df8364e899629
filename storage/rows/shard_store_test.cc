#include "storage/rows/shard_store.h"

#include "storage/faults/test_directory.h"

namespace lineal::storage {
namespace {

class ShardStoreTest : public testing::Test {
 protected:
  ShardStoreTest() {
    ResourceOptions options;
    options.disk_reserve_bytes = 1 << 20;
    auto made = RocksResources::Create(directory_.Sub("data"), PosixFileSystem(), options);
    EXPECT_TRUE(made.ok()) << made.status();
    resources_ = *std::move(made);
    Open();
  }

  void Open() {
    store_.reset();
    auto opened = ShardStore::Open(directory_.Sub("data/shard"), resources_.get());
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  TestDirectory directory_;
  std::unique_ptr<RocksResources> resources_;
  std::unique_ptr<ShardStore> store_;
};

LogHead Head(uint64_t seq) {
  LogHead head;
  head.seq = Seq{seq};
  head.chain_hash[0] = static_cast<uint8_t>(seq);
  return head;
}

TEST_F(ShardStoreTest, GivesBackEveryFamilyAfterAReopen) {
  auto batch = store_->NewBatch();
  const PointId id = PointId::Number(42);
  batch->PutRow(RowId{5}, "vectors");
  batch->PutPayload(RowId{5}, Seq{1}, "payload");
  batch->PutPid(id, PidEntry{RowId{5}, Seq{1}, kSeqMax});
  batch->PutDied(RowId{4}, Seq{1});
  ChangeRecord change;
  change.born = {RowId{5}};
  change.died = {RowId{4}};
  batch->PutChange(Seq{1}, change);
  batch->PutMeta("k", "v");
  ASSERT_TRUE(store_->Commit(std::move(batch), Head(1)).ok());
  EXPECT_EQ(store_->durable(), kNoSeq);
  Open();
  EXPECT_EQ(store_->applied().seq, Seq{1});
  EXPECT_EQ(store_->durable(), Seq{1});
  EXPECT_EQ(*store_->GetRow(RowId{5}), "vectors");
  EXPECT_EQ((*store_->GetPayload(RowId{5}, Seq{9}))->value, "payload");
  EXPECT_EQ((*store_->GetPid(id))->row, RowId{5});
  EXPECT_EQ(**store_->GetMeta("k"), "v");
}

}  // namespace
}  // namespace lineal::storage
