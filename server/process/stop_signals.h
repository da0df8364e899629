// SIGTERM, SIGINT and SIGHUP as an event to wait for. The first asks the process to stop; a second ends it at once.
//
// Handlers, not blocked signals: libraries start threads before main() does, and a signal that one of those has not
// blocked would end the process.
//
// Threads: Wait(), Request() and requested() from any. At most one in a process at a time.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/executor.h"

namespace lineal::server {

class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Returns when a signal has come or Request() was called.
  void Wait();
  bool requested() const;
  // As if a signal had come.
  void Request();

 private:
  void Watch();

  int pipe_[2] = {-1, -1};  // the handlers write the signal's number, the destructor 0
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool requested_ = false;
  ServiceThread thread_;
};

}  // namespace lineal::server
