#include "base/deadline.h"

#include <limits>

#include "gtest/gtest.h"

namespace lineal {
namespace {

TEST(Deadline, PassesWhenItsTimeHasCome) {
  FakeClock clock;
  Deadline deadline = Deadline::AfterMs(&clock, 10);
  clock.AdvanceMs(9);
  EXPECT_TRUE(deadline.Check().ok());
  clock.AdvanceMs(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(deadline.Check()));
}

TEST(Deadline, OneCopyCancelsAll) {
  FakeClock clock;
  Deadline deadline = Deadline::AfterMs(&clock, 10);
  Deadline copy = deadline;
  copy.Cancel();
  EXPECT_TRUE(deadline.Expired());
  EXPECT_TRUE(absl::IsCancelled(deadline.Check()));
}

TEST(Deadline, WithoutATimeNeverPasses) {
  Deadline deadline;
  deadline.Cancel();
  EXPECT_FALSE(deadline.Expired());
}

TEST(Deadline, TheLongestTimeoutDoesNotWrapIntoThePast) {
  FakeClock clock;
  EXPECT_FALSE(Deadline::AfterMs(&clock, std::numeric_limits<int64_t>::max()).Expired());
  EXPECT_TRUE(Deadline::AfterMs(&clock, 0).Expired());
  EXPECT_TRUE(Deadline::AfterMs(&clock, -5).Expired());
}

TEST(FakeClock, MovesOnlyWhenTold) {
  FakeClock clock(5000);
  EXPECT_EQ(clock.WallMs(), 5000);
  clock.AdvanceMs(250);
  EXPECT_EQ(clock.WallMs(), 5250);
  EXPECT_EQ(clock.MonotonicNs(), 5'250'000'000);
}

TEST(SystemClock, NeverGoesBack) {
  int64_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    const int64_t now = SystemClock()->MonotonicNs();
    EXPECT_GE(now, last);
    last = now;
  }
  EXPECT_GT(SystemClock()->WallMs(), 1'600'000'000'000);
}

}  // namespace
}  // namespace lineal
