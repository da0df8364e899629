#include "storage/log/change_log.h"

#include <atomic>
#include <set>

#include "base/executor.h"
#include "storage/log/log_test_support.h"

namespace lineal::storage {
namespace {

constexpr ShardId kShard{7};

EntryDraft Draft(std::string body) {
  EntryDraft draft;
  draft.body = std::move(body);
  return draft;
}

class ChangeLogTest : public testing::Test {
 protected:
  ChangeLogTest() {
    ResourceOptions options;
    options.disk_reserve_bytes = 1 << 20;
    auto made = RocksResources::Create(directory_.Sub("data"), PosixFileSystem(), options);
    EXPECT_TRUE(made.ok()) << made.status();
    resources_ = *std::move(made);
  }

  std::unique_ptr<ChangeLog> Open(ChangeLogOptions options = {}) {
    auto log = ChangeLog::Open(directory_.Sub("data/log"), resources_.get(), &clock_, options);
    EXPECT_TRUE(log.ok()) << log.status();
    return log.ok() ? *std::move(log) : nullptr;
  }

  static std::unique_ptr<ShardLog> OpenShard(ChangeLog* log, const LogHead& applied = {}, ShardId shard = kShard) {
    auto opened = log->OpenShard(shard, applied);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  TestDirectory directory_;
  FakeClock clock_;
  std::unique_ptr<RocksResources> resources_;
};

// Seqs without gaps and hashes that follow.
void ExpectChain(const std::vector<LogEntry>& entries, LogHead from = {}) {
  for (const LogEntry& entry : entries) {
    ASSERT_EQ(Raw(entry.seq), Raw(from.seq) + 1);
    ASSERT_EQ(entry.chain_hash, ChainHash(from.chain_hash, entry));
    ASSERT_GE(entry.wall_ms, from.wall_ms);
    from = {entry.seq, entry.wall_ms, entry.chain_hash};
  }
}

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

TEST_F(ChangeLogTest, ReplaysWhatTheDataDoesNotHoldAfterAReopen) {
  LogHead applied;
  {
    auto log = Open();
    auto shard = OpenShard(log.get());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(shard->Append(Draft(StrCat("body ", i))).ok());
    std::vector<LogEntry> entries = shard->TakeCommitted();
    applied = {entries[3].seq, entries[3].wall_ms, entries[3].chain_hash};
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
  auto log = Open();
  std::vector<std::unique_ptr<ShardLog>> shards;
  for (uint32_t i = 0; i < 3; ++i) shards.push_back(OpenShard(log.get(), {}, ShardId{i}));
  Executor executor("writers", kThreads);
  std::atomic<int> failed = 0;
  executor.ParallelFor(kThreads, [&](size_t thread) {
    for (int i = 0; i < kAppends; ++i) {
      if (!shards[(thread + i) % 3]->Append(Draft(StrCat(thread, " ", i))).ok()) ++failed;
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

}  // namespace
}  // namespace lineal::storage
