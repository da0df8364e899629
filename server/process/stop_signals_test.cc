#include "server/process/stop_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace lineal::server {
namespace {

TEST(StopSignals, FirstSignalAsksToStop) {
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) {
    StopSignals signals;
    EXPECT_FALSE(signals.requested());
    kill(getpid(), signal);
    signals.Wait();
    EXPECT_TRUE(signals.requested());
  }
}

TEST(StopSignals, SecondSignalEndsTheProcess) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        StopSignals signals;
        kill(getpid(), SIGTERM);
        signals.Wait();
        kill(getpid(), SIGINT);
        for (;;) pause();
      },
      testing::ExitedWithCode(128 + SIGINT), "stopping");
}

TEST(StopSignals, IgnoresBrokenPipes) {
  StopSignals signals;
  kill(getpid(), SIGPIPE);
  EXPECT_FALSE(signals.requested());
}

TEST(StopSignals, RequestStopsWithoutASignal) {
  StopSignals signals;
  signals.Request();
  signals.Wait();
  EXPECT_TRUE(signals.requested());
}

}  // namespace
}  // namespace lineal::server
