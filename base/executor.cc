#include "base/executor.h"

#include <atomic>
#include <memory>
#include <utility>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/processors.h"

namespace lineal {
namespace {

void PrepareThisThread(const std::string& name, const ThreadPlace& place) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  // On Linux this is the calling thread's own. It may be refused; then the thread runs like any other.
  if (place.nice != 0) (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), place.nice);
  if (!place.processors.empty()) (void)RunOn(place.processors);
}

}  // namespace

Executor::Executor(std::string name, size_t threads, size_t queue_max, const ThreadPlace& place)
    : name_(std::move(name)), queue_max_(queue_max) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this, place] {
      PrepareThisThread(name_, place);
      Loop();
    });
  }
}

Executor::~Executor() { Stop(); }

bool Executor::Submit(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || (queue_max_ != 0 && queue_.size() >= queue_max_)) return false;
    queue_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void Executor::Loop() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

void Executor::ParallelFor(size_t count, const std::function<void(size_t)>& task) {
  struct Shared {
    std::atomic<size_t> next{0};
    std::atomic<size_t> done{0};
    std::mutex mutex;
    std::condition_variable finished;
  };
  auto shared = std::make_shared<Shared>();
  // A helper that starts after everything is taken touches only `shared`, never `task`.
  auto work = [shared, count, &task] {
    for (size_t i; (i = shared->next.fetch_add(1)) < count;) {
      task(i);
      if (shared->done.fetch_add(1) + 1 == count) {
        std::lock_guard lock(shared->mutex);
        shared->finished.notify_all();
      }
    }
  };
  for (size_t i = 0; i + 1 < count && i < threads_.size(); ++i) {
    if (!Submit(work)) break;
  }
  work();
  std::unique_lock lock(shared->mutex);
  shared->finished.wait(lock, [&] { return shared->done.load() >= count; });
}

void Executor::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

size_t Executor::queued() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

ServiceThread::ServiceThread(std::string name, std::function<void()> loop, const ThreadPlace& place)
    : thread_([name = std::move(name), loop = std::move(loop), place] {
        PrepareThisThread(name, place);
        loop();
      }) {}

void ServiceThread::Join() {
  if (thread_.joinable()) thread_.join();
}

bool TaskScope::Enter() {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  ++running_;
  return true;
}

void TaskScope::Leave() {
  std::lock_guard lock(mutex_);
  if (--running_ == 0) idle_.notify_all();
}

void TaskScope::Close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  idle_.wait(lock, [this] { return running_ == 0; });
}

bool TaskScope::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace lineal
