// A change log on a disk that can be broken, for this module's tests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/temporary_directory.h"
#include "gtest/gtest.h"
#include "storage/faults/fake_space.h"
#include "storage/faults/fault_file_system.h"
#include "storage/log/change_log.h"

namespace lineal::storage {

inline constexpr ShardId kShard{7};

inline EntryDraft Draft(std::string body, bool frees_space = false) {
  EntryDraft draft;
  draft.body = std::move(body);
  draft.frees_space = frees_space;
  return draft;
}

inline LogHead HeadAt(const LogEntry& entry) { return {entry.seq, entry.wall_ms, entry.chain_hash}; }

// Seqs without gaps and hashes that follow.
inline void ExpectChain(const std::vector<LogEntry>& entries, LogHead from = {}) {
  for (const LogEntry& entry : entries) {
    ASSERT_EQ(Raw(entry.seq), Raw(from.seq) + 1);
    ASSERT_EQ(entry.chain_hash, ChainHash(from.chain_hash, entry));
    ASSERT_GE(entry.wall_ms, from.wall_ms);
    from = HeadAt(entry);
  }
}

// For what another thread brings about.
inline bool Eventually(const std::function<bool()>& condition) {
  const int64_t end = SystemClock()->MonotonicNs() + 10'000'000'000;
  while (!condition()) {
    if (SystemClock()->MonotonicNs() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

class ChangeLogFixture : public testing::Test {
 protected:
  static constexpr uint64_t kRoomy = 1ull << 33;
  static constexpr uint64_t kReserve = 1 << 20;

  ChangeLogFixture() { MakeResources(); }

  void MakeResources() {
    resources_.reset();
    ResourceOptions options;
    options.disk_reserve_bytes = kReserve;
    options.space_sample_ms = 0;
    options.rocks_file_system = faults_;
    auto made = RocksResources::Create(directory_.path(), &files_, options);
    ASSERT_TRUE(made.ok()) << made.status();
    resources_ = *std::move(made);
  }

  absl::StatusOr<std::unique_ptr<ChangeLog>> TryOpen(uint64_t segment_bytes = 64ull << 20) {
    return ChangeLog::Open(log_path(), resources_.get(), &clock_,
                           {.segment_bytes = segment_bytes, .reopen_poll_ms = 2});
  }
  std::unique_ptr<ChangeLog> Open(uint64_t segment_bytes = 64ull << 20) {
    auto log = TryOpen(segment_bytes);
    EXPECT_TRUE(log.ok()) << log.status();
    return log.ok() ? *std::move(log) : nullptr;
  }
  static std::unique_ptr<ShardLog> OpenShard(ChangeLog* log, const LogHead& applied = {}, ShardId shard = kShard) {
    auto opened = log->OpenShard(shard, applied);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  std::string log_path() const { return directory_.Sub("log"); }

  TemporaryDirectory directory_;
  FakeClock clock_;
  FakeSpaceFileSystem files_{PosixFileSystem(), {.total_bytes = kRoomy, .free_bytes = kRoomy}};
  std::shared_ptr<FaultFileSystem> faults_ = std::make_shared<FaultFileSystem>();
  std::unique_ptr<RocksResources> resources_;
};

}  // namespace lineal::storage
