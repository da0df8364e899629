#include "storage/rocks/disk_guard.h"

#include "base/status.h"
#include "base/temporary_directory.h"
#include "gtest/gtest.h"
#include "storage/faults/fake_space.h"

namespace lineal::storage {
namespace {

constexpr uint64_t kReserve = 1 << 20;

class DiskGuardTest : public testing::Test {
 protected:
  DiskGuard Make(uint64_t total, uint64_t free, int64_t sample_ms = 0) {
    files_ = std::make_unique<FakeSpaceFileSystem>(PosixFileSystem(), SpaceInfo{total, free});
    return DiskGuard(
        directory_.path(), files_.get(),
        {.reserve_bytes = kReserve, .sample_ms = sample_ms, .clock = &clock_, .owed_bytes = [this] { return owed_; }});
  }
  bool Full(DiskGuard& guard, uint64_t bytes, bool frees_space = false) {
    absl::Status status = guard.Check(bytes, frees_space);
    EXPECT_TRUE(status.ok() || KindOf(status) == ErrorKind::kDiskFull) << status;
    return !status.ok();
  }
  uint64_t ReserveOnDisk() { return PosixFileSystem()->DiskUsage(directory_.Sub("reserve")); }

  TemporaryDirectory directory_;
  FakeClock clock_;
  uint64_t owed_ = 0;
  std::unique_ptr<FakeSpaceFileSystem> files_;
};

TEST_F(DiskGuardTest, RefusesWritesBelowTheLimitAndLetsDeletesGoOn) {
  DiskGuard guard = Make(1 << 30, 1 << 29);
  ASSERT_TRUE(guard.Start().ok());
  EXPECT_TRUE(guard.reserve_held());
  EXPECT_GE(ReserveOnDisk(), kReserve);
  EXPECT_FALSE(Full(guard, 1000));
  files_->SetFree(kReserve + 500);
  EXPECT_TRUE(Full(guard, 1000));
  EXPECT_FALSE(Full(guard, 1000, true));
  EXPECT_TRUE(guard.reserve_held()) << "there is room for deletes beside it";
}

TEST_F(DiskGuardTest, GivesTheReserveUpForDeletesAndMakesItAgainWhenThereIsRoom) {
  DiskGuard guard = Make(1 << 30, 1 << 29);
  ASSERT_TRUE(guard.Start().ok());
  files_->SetFree(1000);
  EXPECT_FALSE(Full(guard, 500, true));
  EXPECT_FALSE(guard.reserve_held());
  EXPECT_EQ(ReserveOnDisk(), 0u);
  files_->SetFree(kReserve + 1000);
  EXPECT_TRUE(Full(guard, 500)) << "what the reserve will take is not for writes";
  EXPECT_FALSE(guard.reserve_held());
  files_->SetFree(4 * kReserve);
  EXPECT_FALSE(Full(guard, 500));
  EXPECT_TRUE(guard.reserve_held());
}

TEST_F(DiskGuardTest, TakesATwentiethOfASmallDiskAtMost) {
  DiskGuard guard = Make(10 << 20, 9 << 20);
  ASSERT_TRUE(guard.Start().ok());
  EXPECT_LE(ReserveOnDisk(), (10u << 20) / 20 + 4096);
  EXPECT_TRUE(guard.reserve_held());
}

TEST_F(DiskGuardTest, StartsOnAFullDiskWithoutAReserve) {
  DiskGuard guard = Make(1 << 30, 1000);
  ASSERT_TRUE(guard.Start().ok());
  EXPECT_FALSE(guard.reserve_held());
  EXPECT_TRUE(Full(guard, 1));
  EXPECT_FALSE(Full(guard, 500, true));
}

TEST_F(DiskGuardTest, KeepsRoomForWhatMemoryWillWriteOut) {
  DiskGuard guard = Make(1 << 30, 100 << 20);
  ASSERT_TRUE(guard.Start().ok());
  EXPECT_FALSE(Full(guard, 1000));
  owed_ = 100 << 20;
  EXPECT_TRUE(Full(guard, 1000));
}

TEST_F(DiskGuardTest, CountsWhatItGrantedBetweenTwoLooks) {
  DiskGuard guard = Make(1 << 30, 4 * kReserve, 5);
  ASSERT_TRUE(guard.Start().ok());
  int granted = 0;
  while (!Full(guard, 100'000)) ++granted;
  EXPECT_EQ(granted, static_cast<int>(3 * kReserve / 100'000));
  clock_.AdvanceMs(6);
  EXPECT_FALSE(Full(guard, 100'000)) << "a fresh look finds the disk as free as before";
}

}  // namespace
}  // namespace lineal::storage
