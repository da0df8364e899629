// The order in which gRPC runs the callbacks of one call, one after another on whatever threads, said in C++: what was
// written before Pass() is seen after Take(). Debian's gRPC is not instrumented, so that ThreadSanitizer would not
// know.
//
// Threads: Pass() before each operation that is handed to gRPC, Take() first in each callback.
#pragma once

#include <atomic>

namespace lineal::server {

class CallbackOrder {
 public:
  void Pass() { passed_.fetch_add(1, std::memory_order_release); }
  void Take() const { (void)passed_.load(std::memory_order_acquire); }

 private:
  std::atomic<unsigned> passed_{0};
};

}  // namespace lineal::server
