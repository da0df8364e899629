#include "storage/rows/shard_store.h"

#include "storage/rows/shard_store_fixture.h"

namespace lineal::storage {
namespace {

class ShardStoreTest : public ShardStoreFixture {
 protected:
  ShardStoreTest() { Open(); }
};

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
  EXPECT_EQ(store_->applied().chain_hash, Head(1).chain_hash);
  EXPECT_EQ(store_->durable(), Seq{1});
  EXPECT_EQ(*store_->GetRow(RowId{5}), "vectors");
  EXPECT_EQ((*store_->GetPayload(RowId{5}, Seq{9}))->value, "payload");
  EXPECT_EQ((*store_->GetPid(id))->row, RowId{5});
  EXPECT_EQ(**store_->GetMeta("k"), "v");
  std::vector<std::pair<RowId, Seq>> died;
  ASSERT_TRUE(store_
                  ->ScanDied(RowId{0},
                             [&](RowId row, Seq seq) {
                               died.emplace_back(row, seq);
                               return true;
                             })
                  .ok());
  EXPECT_EQ(died, (std::vector<std::pair<RowId, Seq>>{{RowId{4}, Seq{1}}}));
  int changes = 0;
  ASSERT_TRUE(store_
                  ->ScanChanges(Seq{1},
                                [&](Seq seq, const ChangeRecord& record) {
                                  ++changes;
                                  EXPECT_EQ(seq, Seq{1});
                                  EXPECT_EQ(record.born, change.born);
                                  return true;
                                })
                  .ok());
  EXPECT_EQ(changes, 1);
}

TEST_F(ShardStoreTest, ReadsThePayloadThatWasThereAtASeq) {
  auto batch = store_->NewBatch();
  batch->PutPayload(RowId{1}, Seq{2}, "two");
  batch->PutPayload(RowId{1}, Seq{5}, "five");
  batch->PutPayload(RowId{3}, Seq{4}, "other");
  ASSERT_TRUE(store_->Commit(std::move(batch), Head(5)).ok());
  auto at = [&](uint64_t row, uint64_t seq) -> std::string {
    auto version = store_->GetPayload(RowId{row}, Seq{seq});
    EXPECT_TRUE(version.ok());
    return *version ? StrCat((*version)->value, "@", Raw((*version)->born)) : "none";
  };
  EXPECT_EQ(at(1, 1), "none");
  EXPECT_EQ(at(1, 2), "two@2");
  EXPECT_EQ(at(1, 4), "two@2");
  EXPECT_EQ(at(1, 5), "five@5");
  EXPECT_EQ(at(1, UINT64_MAX), "five@5");
  EXPECT_EQ(at(2, 9), "none");
  EXPECT_EQ(at(4, 9), "none");
  const RowId rows[] = {RowId{3}, RowId{2}, RowId{1}, RowId{3}};
  auto many = store_->GetPayloads(rows, Seq{4});
  ASSERT_TRUE(many.ok());
  EXPECT_EQ((*many)[0]->value, "other");
  EXPECT_FALSE((*many)[1]);
  EXPECT_EQ((*many)[2]->value, "two");
  EXPECT_EQ((*many)[3]->value, "other");
}

TEST_F(ShardStoreTest, ReadsManyRowsAndPointsAtOnce) {
  for (uint64_t seq = 1; seq <= 60; ++seq) ASSERT_TRUE(Upsert(seq, seq % 2 ? 100 : 4000).ok());
  ASSERT_TRUE(store_->Flush().ok());
  const RowId rows[] = {RowId{2}, RowId{99}, RowId{1}};
  auto values = store_->GetRows(rows);
  ASSERT_TRUE(values.ok());
  EXPECT_EQ(*(*values)[0], Value("row", 2, 4000));
  EXPECT_FALSE((*values)[1]);
  EXPECT_EQ(*(*values)[2], Value("row", 1, 100));
  const PointId ids[] = {PointId::Number(5), PointId::Uuid(1, 2), PointId::Number(20)};
  auto entries = store_->GetPids(ids);
  ASSERT_TRUE(entries.ok());
  EXPECT_EQ((*entries)[0]->row, RowId{55});
  EXPECT_FALSE((*entries)[1]);
  EXPECT_EQ((*entries)[2]->row, RowId{20});
  EXPECT_TRUE(store_->GetRows({})->empty());
  EXPECT_EQ(store_->GetRow(RowId{99}).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ShardStoreTest, WalksPointsNumbersFirst) {
  auto batch = store_->NewBatch();
  const PidEntry entry{RowId{1}, Seq{1}, kSeqMax};
  batch->PutPid(PointId::Uuid(0, 1), entry);
  batch->PutPid(PointId::Number(300), entry);
  batch->PutPid(PointId::Number(2), entry);
  ASSERT_TRUE(store_->Commit(std::move(batch), Head(1)).ok());
  std::vector<std::string> ids;
  auto cursor = store_->NewPidCursor();
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) ids.push_back(cursor->id().ToString());
  EXPECT_TRUE(cursor->status().ok());
  EXPECT_EQ(ids, (std::vector<std::string>{"2", "300", "00000000-0000-0000-0000-000000000001"}));
  cursor->Seek(PointId::Number(3));
  ASSERT_TRUE(cursor->Valid());
  EXPECT_EQ(cursor->id(), PointId::Number(300));
  cursor.reset();
}

TEST_F(ShardStoreTest, DeletesWhatItIsTold) {
  for (uint64_t seq = 1; seq <= 10; ++seq) ASSERT_TRUE(Upsert(seq).ok());
  auto batch = store_->NewBatch();
  batch->DeleteRow(RowId{3});
  batch->DeletePayload(RowId{3}, Seq{3});
  batch->DeletePid(PointId::Number(3));
  batch->DeleteChangesUpTo(Seq{7});
  batch->PutMeta("gone", "x");
  ASSERT_TRUE(store_->Commit(std::move(batch), store_->applied()).ok());
  batch = store_->NewBatch();
  batch->DeleteMeta("gone");
  ASSERT_TRUE(store_->Commit(std::move(batch), store_->applied()).ok());
  EXPECT_EQ(store_->applied().seq, Seq{10});
  EXPECT_FALSE(store_->GetRow(RowId{3}).ok());
  EXPECT_FALSE(*store_->GetPayload(RowId{3}, Seq{9}));
  EXPECT_FALSE(*store_->GetPid(PointId::Number(3)));
  EXPECT_FALSE(*store_->GetMeta("gone"));
  std::vector<uint64_t> changes;
  ASSERT_TRUE(store_
                  ->ScanChanges(kNoSeq,
                                [&](Seq seq, const ChangeRecord&) {
                                  changes.push_back(Raw(seq));
                                  return true;
                                })
                  .ok());
  EXPECT_EQ(changes, (std::vector<uint64_t>{8, 9, 10}));
}

TEST_F(ShardStoreTest, KeepsItsOwnMetaApartFromTheEngines) {
  auto batch = store_->NewBatch();
  batch->PutMeta("!head", "not yours");
  batch->PutMeta("a1", "x");
  batch->PutMeta("a2", "y");
  batch->PutMeta("b", "z");
  ASSERT_TRUE(store_->Commit(std::move(batch), Head(1)).ok());
  std::vector<std::string> keys;
  ASSERT_TRUE(store_
                  ->ScanMeta("a",
                             [&](std::string_view key, std::string_view) {
                               keys.emplace_back(key);
                               return true;
                             })
                  .ok());
  EXPECT_EQ(keys, (std::vector<std::string>{"a1", "a2"}));
  Open();
  EXPECT_EQ(store_->applied().seq, Seq{1});
}

TEST_F(ShardStoreTest, CheckpointHoldsWhatWasAppliedBeforeIt) {
  for (uint64_t seq = 1; seq <= 80; ++seq) ASSERT_TRUE(Upsert(seq, 3000).ok());
  ASSERT_TRUE(store_->Checkpoint(directory_.Sub("copy")).ok());
  ASSERT_TRUE(Upsert(81).ok());
  Open("copy");
  EXPECT_EQ(store_->applied().seq, Seq{80});
  ExpectWhole();
}

TEST_F(ShardStoreTest, VerifyNamesWhatDoesNotFitTogether) {
  for (uint64_t seq = 1; seq <= 60; ++seq) ASSERT_TRUE(Upsert(seq).ok());
  ExpectWhole();
  auto damage = [&](const std::function<void(StoreBatch*)>& write, std::string_view family) {
    auto batch = store_->NewBatch();
    write(batch.get());
    ASSERT_TRUE(store_->Commit(std::move(batch), store_->applied()).ok());
    std::vector<std::string> problems = Problems();
    ASSERT_FALSE(problems.empty()) << family;
    EXPECT_NE(problems.back().find(StrCat(family, " key ")), std::string::npos) << problems.back();
  };
  damage([](StoreBatch* batch) { batch->DeleteRow(RowId{60}); }, "pid");
  damage(
      [](StoreBatch* batch) {
        batch->PutRow(RowId{60}, "back");
        batch->DeleteRow(RowId{4});
      },
      "died");
  damage(
      [](StoreBatch* batch) {
        batch->PutRow(RowId{4}, "back");
        batch->PutChange(Seq{62}, {});
      },
      "chg");
}

}  // namespace
}  // namespace lineal::storage
