#include "storage/log/change_log.h"

#include <atomic>
#include <set>

#include "base/executor.h"
#include "base/status.h"
#include "storage/log/change_log_fixture.h"

namespace lineal::storage {
namespace {

using ChangeLogTest = ChangeLogFixture;

TEST_F(ChangeLogTest, GivesBackWhatWasAppendedInOrder) {
  auto log = Open();
  auto shard = OpenShard(log.get());
  for (int i = 0; i < 10; ++i) {
    auto seq = shard->Append(Draft(StrCat("body ", i)));
    ASSERT_TRUE(seq.ok()) << seq.status();
    EXPECT_EQ(Raw(*seq), static_cast<uint64_t>(i + 1));
  }
  std::vector<LogEntry> entries = shard->TakeCommitted();
  ASSERT_EQ(entries.size(), 10u);
  ExpectChain(entries);
  EXPECT_EQ(entries[3].body, "body 3");
  EXPECT_TRUE(shard->TakeCommitted().empty());
  EXPECT_EQ(shard->head().seq, Seq{10});
}

TEST_F(ChangeLogTest, KeepsWhatTheDraftSays) {
  {
    auto log = Open();
    auto shard = OpenShard(log.get());
    EntryDraft draft = Draft(std::string("\0\xff", 2));
    draft.request_id = "request";
    draft.principal = "writer";
    draft.ingest_context = 70'000;
    ASSERT_TRUE(shard->Append(draft).ok());
  }
  auto log = Open();
  std::vector<LogEntry> entries = OpenShard(log.get())->TakeCommitted();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].request_id, "request");
  EXPECT_EQ(entries[0].principal, "writer");
  EXPECT_EQ(entries[0].ingest_context, 70'000u);
  EXPECT_EQ(entries[0].body, std::string("\0\xff", 2));
}

TEST_F(ChangeLogTest, ReplaysWhatTheDataDoesNotHoldAfterAReopen) {
  LogHead applied;
  {
    auto log = Open();
    auto shard = OpenShard(log.get());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(shard->Append(Draft(StrCat("body ", i))).ok());
    applied = HeadAt(shard->TakeCommitted()[3]);
  }
  auto log = Open();
  auto shard = OpenShard(log.get(), applied);
  std::vector<LogEntry> entries = shard->TakeCommitted();
  ASSERT_EQ(entries.size(), 6u);
  ExpectChain(entries, applied);
  EXPECT_EQ(*shard->Append(Draft("more")), Seq{11});
}

TEST_F(ChangeLogTest, CommitsManyWritersOfManyShardsWithoutGaps) {
  constexpr int kThreads = 8;
  constexpr int kAppends = 200;
  auto log = Open(16 << 10);
  std::vector<std::unique_ptr<ShardLog>> shards;
  for (uint32_t i = 0; i < 3; ++i) shards.push_back(OpenShard(log.get(), {}, ShardId{i}));
  Executor executor("writers", kThreads);
  std::atomic<int> failed = 0;
  executor.ParallelFor(kThreads, [&](size_t thread) {
    for (int i = 0; i < kAppends; ++i) {
      ShardLog& shard = *shards[(thread + i) % 3];
      auto seq = shard.Append(Draft(StrCat(thread, " ", i)));
      if (!seq.ok() || shard.head().seq < *seq) ++failed;
    }
  });
  EXPECT_EQ(failed, 0);
  std::set<std::string> bodies;
  for (auto& shard : shards) {
    std::vector<LogEntry> entries = shard->TakeCommitted();
    ExpectChain(entries);
    for (const LogEntry& entry : entries) bodies.insert(entry.body);
  }
  EXPECT_EQ(bodies.size(), static_cast<size_t>(kThreads * kAppends));
}

TEST_F(ChangeLogTest, KeepsTimeMonotoneWhenTheWallStepsBack) {
  auto log = Open();
  auto shard = OpenShard(log.get());
  ASSERT_TRUE(shard->Append(Draft("a")).ok());
  clock_.AdvanceMs(-5000);
  ASSERT_TRUE(shard->Append(Draft("b")).ok());
  ExpectChain(shard->TakeCommitted());
}

TEST_F(ChangeLogTest, GoesOnAfterTheDataWhenEveryEntryIsGone) {
  LogHead applied;
  {
    auto log = Open(4 << 10);
    auto shard = OpenShard(log.get());
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(shard->Append(Draft(std::string(1000, 'x'))).ok());
    applied = shard->head();
    shard->Release(applied.seq);
  }
  ASSERT_TRUE(PosixFileSystem()->Remove(log_path()).ok());
  auto log = Open();
  auto shard = OpenShard(log.get(), applied);
  EXPECT_EQ(Raw(*shard->Append(Draft("next"))), Raw(applied.seq) + 1);
}

TEST_F(ChangeLogTest, GivesTheDiskBackOnceReleased) {
  auto log = Open(64 << 10);
  auto shard = OpenShard(log.get());
  auto append = [&](int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(shard->Append(Draft(std::string(4000, 'x'))).ok());
  };
  append(100);
  // A segment is closed by a write that finds the next one made.
  ASSERT_TRUE(Eventually([&] {
    append(1);
    return !log->ShardsHoldingBack().empty();
  }));
  EXPECT_EQ(log->ShardsHoldingBack(), std::vector<ShardId>{kShard});
  const uint64_t before = log->disk_bytes();
  EXPECT_TRUE(Eventually([&] {
    append(1);
    shard->Release(shard->head().seq);
    return log->disk_bytes() < before / 2;
  })) << log->disk_bytes()
      << " of " << before;
  // A second shard that is never released holds back what it shares a segment with.
  auto other = OpenShard(log.get(), {}, ShardId{9});
  ASSERT_TRUE(other->Append(Draft("stays")).ok());
  EXPECT_TRUE(Eventually([&] {
    append(1);
    shard->Release(shard->head().seq);
    return log->ShardsHoldingBack() == std::vector<ShardId>{ShardId{9}};
  }));
  log->DropShard(ShardId{9});
  EXPECT_TRUE(Eventually([&] { return log->ShardsHoldingBack().empty(); }));
}

TEST_F(ChangeLogTest, GivesTheDiskBackAfterManyStarts) {
  LogHead head;
  for (int start = 0; start < 10; ++start) {
    auto log = Open();
    auto shard = OpenShard(log.get());
    shard->TakeCommitted();
    ASSERT_TRUE(shard->Append(Draft(std::string(4000, 'x'))).ok());
    head = shard->head();
  }
  auto log = Open();
  auto shard = OpenShard(log.get());
  shard->TakeCommitted();
  shard->Release(head.seq);
  EXPECT_TRUE(Eventually([&] { return FilesEndingIn(log_path(), ".log").size() <= 2; }));
}

TEST_F(ChangeLogTest, ForgetsADroppedShardForGood) {
  {
    auto log = Open();
    auto shard = OpenShard(log.get());
    ASSERT_TRUE(shard->Append(Draft("old")).ok());
    log->DropShard(kShard);
    EXPECT_EQ(shard->Append(Draft("late")).status().code(), absl::StatusCode::kFailedPrecondition);
  }
  auto log = Open();
  auto shard = OpenShard(log.get());
  EXPECT_TRUE(shard->TakeCommitted().empty());
  EXPECT_EQ(*shard->Append(Draft("new")), Seq{1});
}

TEST_F(ChangeLogTest, RefusesDataThatAnotherHistoryMade) {
  LogHead applied;
  {
    auto log = Open();
    auto shard = OpenShard(log.get());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(shard->Append(Draft("x")).ok());
    applied = HeadAt(shard->TakeCommitted()[1]);
  }
  auto log = Open();
  LogHead other = applied;
  other.chain_hash[0] ^= 1;
  EXPECT_EQ(log->OpenShard(kShard, other).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(log->OpenShard(kShard, applied).ok());
}

TEST_F(ChangeLogTest, NamesAGapBetweenTheDataAndTheFirstEntry) {
  LogHead applied;
  absl::Status status;
  // The first entry's segment is dropped some time after its release.
  ASSERT_TRUE(Eventually([&] {
    auto log = Open(4 << 10);
    auto shard = log->OpenShard(kShard, applied);
    status = shard.status();
    if (!status.ok()) return true;
    for (int i = 0; i < 200; ++i) {
      EXPECT_TRUE((*shard)->Append(Draft(std::string(1000, 'x'))).ok());
      const std::vector<LogEntry> entries = (*shard)->TakeCommitted();
      if (applied.seq == kNoSeq) applied = HeadAt(entries.front());
      (*shard)->Release(entries.back().seq);
    }
    return false;
  }));
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_NE(MessageOf(status).find("missing"), std::string_view::npos) << status;
}

TEST_F(ChangeLogTest, FindsNothingWrongWithASoundLog) {
  auto log = Open(8 << 10);
  auto shard = OpenShard(log.get());
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(shard->Append(Draft(std::string(1000, 'x'))).ok());
  std::vector<std::string> problems;
  EXPECT_TRUE(log->Verify([&](const std::string& problem) { problems.push_back(problem); }).ok());
  EXPECT_TRUE(problems.empty()) << problems.front();
}

}  // namespace
}  // namespace lineal::storage
