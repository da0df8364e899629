#include "server/core/work_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/status.h"

namespace lineal::server {
namespace {

TEST(WorkPool, RefusesAtOnceWhenTheQueueOfThatKindIsFull) {
  WorkPool pool({.read_threads = 1, .write_threads = 1, .queue_max = 2});
  std::promise<void> started, release;
  std::shared_future<void> released = release.get_future().share();
  ASSERT_TRUE(pool.Submit(WorkKind::kRead,
                          [&] {
                            started.set_value();
                            released.wait();
                          })
                  .ok());
  started.get_future().wait();
  EXPECT_TRUE(pool.Submit(WorkKind::kRead, [] {}).ok());
  EXPECT_TRUE(pool.Submit(WorkKind::kRead, [] {}).ok());
  EXPECT_EQ(pool.queued(WorkKind::kRead), 2u);
  const absl::Status full = pool.Submit(WorkKind::kRead, [] {});
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(KindOf(full), ErrorKind::kOverload);

  std::promise<void> wrote;
  EXPECT_TRUE(pool.Submit(WorkKind::kWrite, [&] { wrote.set_value(); }).ok());
  wrote.get_future().wait();
  release.set_value();
  pool.Stop();
}

TEST(WorkPool, StopFinishesWhatWasAcceptedAndRefusesTheRest) {
  WorkPool pool({.read_threads = 2, .write_threads = 2, .queue_max = 100});
  std::atomic<int> done{0};
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(pool.Submit(i % 2 ? WorkKind::kRead : WorkKind::kWrite, [&] { ++done; }).ok());
  }
  pool.Stop();
  EXPECT_EQ(done.load(), 50);
  EXPECT_EQ(pool.Submit(WorkKind::kManage, [] {}).code(), absl::StatusCode::kUnavailable);
  pool.Stop();
}

}  // namespace
}  // namespace lineal::server
