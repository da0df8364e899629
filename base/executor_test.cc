#include "base/executor.h"

#include <atomic>
#include <future>
#include <set>

#include "gtest/gtest.h"

namespace lineal {
namespace {

// Holds the threads of an executor until it is opened.
class Gate {
 public:
  void Wait() const { opened_.wait(); }
  void Open() { promise_.set_value(); }

 private:
  std::promise<void> promise_;
  std::shared_future<void> opened_ = promise_.get_future().share();
};

TEST(Executor, ParallelForRunsEveryIndexOnce) {
  Executor executor("test", 3);
  for (size_t count : {0, 1, 2, 3, 4, 1000}) {
    std::vector<std::atomic<int>> runs(count);
    executor.ParallelFor(count, [&](size_t i) { ++runs[i]; });
    for (auto& run : runs) EXPECT_EQ(run, 1);
  }
}

TEST(Executor, ParallelForInsideParallelForComesToAnEnd) {
  Executor executor("test", 2);
  std::atomic<int> runs = 0;
  executor.ParallelFor(8, [&](size_t) { executor.ParallelFor(8, [&](size_t) { ++runs; }); });
  EXPECT_EQ(runs, 64);
}

TEST(Executor, ParallelForRunsOnTheCallerWhenTheThreadsAreBusyOrStopped) {
  Executor executor("test", 1, 1);
  Gate gate;
  ASSERT_TRUE(executor.Submit([&] { gate.Wait(); }));
  int runs = 0;
  std::mutex mutex;
  auto count = [&](size_t) {
    std::lock_guard lock(mutex);
    ++runs;
  };
  executor.ParallelFor(10, count);
  EXPECT_EQ(runs, 10);
  gate.Open();
  executor.Stop();
  executor.ParallelFor(10, count);
  EXPECT_EQ(runs, 20);
}

TEST(Executor, RefusesMoreThanItsQueueHolds) {
  Gate gate;
  std::promise<void> running;
  Executor executor("test", 1, 2);
  ASSERT_TRUE(executor.Submit([&] {
    running.set_value();
    gate.Wait();
  }));
  running.get_future().wait();
  EXPECT_TRUE(executor.Submit([] {}));
  EXPECT_TRUE(executor.Submit([] {}));
  EXPECT_EQ(executor.queued(), 2u);
  EXPECT_FALSE(executor.Submit([] {}));
  gate.Open();
}

TEST(Executor, StopFinishesWhatIsQueuedAndTakesNoMore) {
  Executor executor("test", 2);
  std::atomic<int> runs = 0;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(executor.Submit([&] { ++runs; }));
  executor.Stop();
  EXPECT_EQ(runs, 100);
  EXPECT_FALSE(executor.Submit([&] { ++runs; }));
  executor.Stop();
  EXPECT_EQ(runs, 100);
}

TEST(TaskScope, CloseWaitsForTheOldAndRefusesTheNew) {
  TaskScope scope;
  Executor executor("test", 2);
  Gate gate;
  std::atomic<bool> left = false;
  ASSERT_TRUE(scope.Enter());
  ASSERT_TRUE(executor.Submit([&] {
    gate.Wait();
    left = true;
    scope.Leave();
  }));
  ASSERT_TRUE(executor.Submit([&] {
    while (!scope.closed()) std::this_thread::yield();
    EXPECT_FALSE(scope.Enter());
    EXPECT_FALSE(left);
    gate.Open();
  }));
  scope.Close();
  EXPECT_TRUE(left);
  scope.Close();
}

TEST(ServiceThread, IsJoinedByItsDestructor) {
  bool ran = false;
  {
    ServiceThread thread("a name longer than Linux takes", [&] { ran = true; });
  }
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace lineal
