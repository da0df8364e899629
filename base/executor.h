// The only place threads come from. An Executor is a fixed set of threads with a bounded queue; a TaskScope is a group
// of background work that can refuse more and wait for what it has.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lineal {

// Where threads run, and whom they give way to.
struct ThreadPlace {
  int nice = 0;                      // above 0: they give way to others
  std::vector<int> processors = {};  // by their numbers; none: all. Passed over where the system does not allow it.
};

class Executor {
 public:
  // `queue_max` bounds the tasks that wait; 0 for no bound. Threads are named `name`.
  Executor(std::string name, size_t threads, size_t queue_max = 0, const ThreadPlace& place = {});
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Runs `task` on one of the threads. False, and nothing queued, when the queue is full or the executor stopped.
  [[nodiscard]] bool Submit(std::function<void()> task);
  // Runs task(0..count-1), the caller taking part, and returns when all are done.
  void ParallelFor(size_t count, const std::function<void(size_t)>& task);
  // Finishes what is queued, takes no more, joins. Idempotent.
  void Stop();

  size_t threads() const { return threads_.size(); }
  size_t queued() const;

 private:
  void Loop();

  const std::string name_;
  const size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// A single named thread for a loop of its own (an acceptor, a flusher). Joined by the destructor: the loop must have
// been told to end.
class ServiceThread {
 public:
  ServiceThread() = default;
  ServiceThread(std::string name, std::function<void()> loop, const ThreadPlace& place = {});
  ServiceThread(ServiceThread&&) = default;
  ServiceThread& operator=(ServiceThread&&) = default;
  ~ServiceThread() { Join(); }
  void Join();

 private:
  std::thread thread_;
};

// Threads: any.
class TaskScope {
 public:
  ~TaskScope() { Close(); }
  // False once closed. Each true needs one Leave().
  bool Enter();
  void Leave();
  // Refuses new work and waits for the old. Idempotent.
  void Close();
  bool closed() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  size_t running_ = 0;
  bool closed_ = false;
};

}  // namespace lineal
