// Lets any number of writers through, until somebody wants a moment without any.
//
// Threads: any.
#pragma once

#include <condition_variable>
#include <mutex>

namespace lineal::engine {

class WriteGate {
 public:
  class Passage {
   public:
    explicit Passage(WriteGate* gate) : gate_(gate) { gate_->Enter(); }
    ~Passage() { gate_->Leave(); }
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;

   private:
    WriteGate* const gate_;
  };
  // Nobody is inside, and nobody enters, while it lives. New writers wait behind it, so that it comes to its turn.
  class Closed {
   public:
    explicit Closed(WriteGate* gate) : gate_(gate) { gate_->Close(); }
    ~Closed() { gate_->Open(); }
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;

   private:
    WriteGate* const gate_;
  };

 private:
  void Enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closing_ == 0; });
    ++inside_;
  }
  void Leave() {
    std::lock_guard lock(mutex_);
    if (--inside_ == 0) changed_.notify_all();
  }
  void Close() {
    closers_.lock();
    std::unique_lock lock(mutex_);
    ++closing_;
    changed_.wait(lock, [this] { return inside_ == 0; });
  }
  void Open() {
    {
      std::lock_guard lock(mutex_);
      --closing_;
      changed_.notify_all();
    }
    closers_.unlock();
  }

  std::mutex closers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0, closing_ = 0;
};

}  // namespace lineal::engine
