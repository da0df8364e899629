// The log on disks that lose power, fail and fill up: nothing acknowledged is lost, nothing lost is acknowledged.
#include <atomic>
#include <mutex>
#include <set>

#include "base/executor.h"
#include "base/random.h"
#include "base/status.h"
#include "storage/log/change_log_fixture.h"

namespace lineal::storage {
namespace {

class ChangeLogFaultTest : public ChangeLogFixture {
 protected:
  // Appends from several threads until the log refuses; the bodies that were acknowledged.
  std::set<std::string> WriteUntilRefused(ShardLog* shard, int appends_max, const std::function<void(int)>& each) {
    std::mutex mutex;
    std::set<std::string> acknowledged;
    std::atomic<int> count = 0;
    Executor executor("writers", 4);
    executor.ParallelFor(4, [&](size_t thread) {
      for (int i = 0; i < appends_max; ++i) {
        each(count++);
        std::string body = StrCat(thread, ".", i, std::string(300, '-'));
        if (!shard->Append(Draft(body)).ok()) return;
        std::lock_guard lock(mutex);
        acknowledged.insert(std::move(body));
      }
    });
    return acknowledged;
  }

  void ExpectAllThere(const std::set<std::string>& acknowledged) {
    auto log = Open();
    ASSERT_TRUE(log);
    std::vector<LogEntry> entries = OpenShard(log.get())->TakeCommitted();
    ExpectChain(entries);
    std::set<std::string> found;
    for (const LogEntry& entry : entries) found.insert(entry.body);
    for (const std::string& body : acknowledged) EXPECT_TRUE(found.contains(body)) << body;
  }

  void ClearLog() { ASSERT_TRUE(PosixFileSystem()->Remove(log_path()).ok()); }
};

TEST_F(ChangeLogFaultTest, LosesNoAcknowledgedEntryInAPowerCut) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const int cut_at = static_cast<int>(random.Below(300));
    std::set<std::string> acknowledged;
    {
      auto log = Open(8 << 10);
      auto shard = OpenShard(log.get());
      acknowledged = WriteUntilRefused(shard.get(), 200, [&](int n) {
        if (n == cut_at) faults_->CutPower();
      });
    }
    faults_->RestorePower(seed % 2 == 0);
    ExpectAllThere(acknowledged);
    ClearLog();
  }
}

TEST_F(ChangeLogFaultTest, AcknowledgesNothingFalselyWhenTheKthSyncOrWriteFails) {
  for (FaultPoint point : {FaultPoint::kSync, FaultPoint::kWrite}) {
    for (uint64_t k = 0; k < 40; k += 3) {
      SCOPED_TRACE(StrCat(point == FaultPoint::kSync ? "sync " : "write ", k));
      std::set<std::string> acknowledged;
      {
        auto log = Open(8 << 10);
        auto shard = OpenShard(log.get());
        faults_->Fail({.point = point, .error = FaultError::kIo, .after = k, .for_good = false});
        acknowledged = WriteUntilRefused(shard.get(), 100, [](int) {});
        // Reads of what is committed go on; writes do not come back by themselves. (What fails beside the log itself,
        // as the file that lists RocksDB's options, is no reason to stop.)
        if (faults_->failed() && !log->Health().ok()) {
          EXPECT_EQ(log->Health().code(), absl::StatusCode::kUnavailable) << log->Health();
          EXPECT_EQ(shard->Append(Draft("x")).status().code(), absl::StatusCode::kUnavailable);
        }
        EXPECT_GE(shard->TakeCommitted().size(), acknowledged.size());
        faults_->CutPower();
      }
      faults_->Heal();
      faults_->RestorePower();
      ExpectAllThere(acknowledged);
      ClearLog();
    }
  }
}

TEST_F(ChangeLogFaultTest, ComesBackByItselfWhenAFullDiskHasRoom) {
  for (uint64_t k : {0, 3, 10}) {
    SCOPED_TRACE(k);
    auto log = Open();
    auto shard = OpenShard(log.get());
    faults_->Fail({.point = FaultPoint::kWrite, .error = FaultError::kNoSpace, .after = k});
    std::set<std::string> acknowledged = WriteUntilRefused(shard.get(), 100, [](int) {});
    ASSERT_TRUE(faults_->failed());
    files_.SetFree(0);
    EXPECT_EQ(KindOf(log->Health()), ErrorKind::kDiskFull) << log->Health();
    EXPECT_EQ(KindOf(shard->Append(Draft("x")).status()), ErrorKind::kDiskFull);
    const LogHead head = shard->head();

    faults_->Heal();
    EXPECT_EQ(KindOf(log->Health()), ErrorKind::kDiskFull) << "there is no room yet";
    files_.SetFree(kRoomy);
    ASSERT_TRUE(Eventually([&] { return log->Health().ok(); })) << log->Health();
    ASSERT_TRUE(shard->Append(Draft("after")).ok());
    std::vector<LogEntry> entries = shard->TakeCommitted();
    ExpectChain(entries);
    EXPECT_EQ(entries.back().body, "after");
    EXPECT_GT(entries.back().seq, head.seq);
    shard.reset();
    log.reset();
    acknowledged.insert("after");
    ExpectAllThere(acknowledged);
    ClearLog();
  }
}

TEST_F(ChangeLogFaultTest, RefusesWritesBeforeTheDiskIsFullAndTakesDeletesFromTheReserve) {
  auto log = Open();
  auto shard = OpenShard(log.get());
  files_.SetFree(kReserve / 2);
  EXPECT_EQ(KindOf(shard->Append(Draft("write")).status()), ErrorKind::kDiskFull);
  EXPECT_TRUE(log->Health().ok()) << "a refusal is no failure";
  EXPECT_TRUE(shard->Append(Draft("delete", true)).ok());
  files_.SetFree(kRoomy);
  EXPECT_TRUE(shard->Append(Draft("write")).ok());
  ExpectChain(shard->TakeCommitted());
}

TEST_F(ChangeLogFaultTest, FindsOrOutlivesEveryFlippedBitInTheWriteAheadFile) {
  constexpr int kEntries = 30;
  auto fill = [&] {
    auto log = Open();
    auto shard = OpenShard(log.get());
    for (int i = 0; i < kEntries; ++i) ASSERT_TRUE(shard->Append(Draft(StrCat(i, std::string(3000, 'x')))).ok());
  };
  Random random(5);
  int found = 0;
  int last_lost = 0;
  constexpr int kFlips = 60;
  for (int flip = 0; flip < kFlips; ++flip) {
    fill();
    std::vector<std::string> wals = FilesEndingIn(log_path(), ".log");
    ASSERT_FALSE(wals.empty());
    const uint64_t size = PosixFileSystem()->ReadFile(wals.back())->size();
    const uint64_t offset = flip < 20 ? random.Below(400) : random.Below(size);
    ASSERT_TRUE(FlipBit(wals.back(), offset, static_cast<int>(random.Below(8))));
    SCOPED_TRACE(StrCat("offset ", offset, " of ", size));
    auto log = TryOpen();
    if (!log.ok()) {
      EXPECT_EQ(log.status().code(), absl::StatusCode::kDataLoss) << log.status();
      ++found;
    } else {
      // Not to be told from a batch torn by a crash, or harmless.
      const size_t there = OpenShard(log->get())->TakeCommitted().size();
      EXPECT_GE(there, static_cast<size_t>(kEntries - 1));
      last_lost += there < kEntries;
    }
    if (log.ok()) log->reset();
    ClearLog();
  }
  EXPECT_GT(found, kFlips / 2);
  EXPECT_LT(last_lost, kFlips / 4);
}

TEST_F(ChangeLogFaultTest, VerifyNamesAFlippedBitInATableFile) {
  {
    // Segments that nobody releases, of more than the memory they may take, go to table files.
    auto log = Open(4 << 10);
    auto shard = OpenShard(log.get());
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(shard->Append(Draft(StrCat(i, std::string(3000, 'x')))).ok());
  }
  std::vector<std::string> tables = FilesEndingIn(log_path(), ".sst");
  ASSERT_FALSE(tables.empty());
  for (const std::string& table : tables) ASSERT_TRUE(FlipBit(table, 100, 3));
  auto log = TryOpen();
  std::vector<std::string> problems;
  if (log.ok()) {
    ASSERT_TRUE((*log)->Verify([&](const std::string& problem) { problems.push_back(problem); }).ok());
  }
  EXPECT_TRUE(!log.ok() || !problems.empty());
}

}  // namespace
}  // namespace lineal::storage
