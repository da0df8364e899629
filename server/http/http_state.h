// What the sessions of one server share: options, counters and the list of open sessions of each io thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>

#include "server/http/http_application.h"
#include "server/http/http_server.h"

namespace lineal::server {

class HttpSession;

struct HttpState {
  HttpServerOptions options;
  HttpApplication* application = nullptr;
  WorkPool* work = nullptr;
  std::atomic<bool> stopping{false};
  std::atomic<int64_t> body_bytes{0};

  void Opened() { application->ConnectionsChanged(++open_); }
  void Closed() {
    application->ConnectionsChanged(--open_);
    std::lock_guard lock(mutex_);
    closed_.notify_all();
  }
  int64_t open() const { return open_.load(); }
  // Whether all sessions ended within `ms`.
  bool WaitAllClosed(int64_t ms) {
    std::unique_lock lock(mutex_);
    return closed_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return open_.load() == 0; });
  }

 private:
  std::atomic<int64_t> open_{0};
  std::mutex mutex_;
  std::condition_variable closed_;
};

// The open sessions of one io thread; touched by that thread only.
using HttpSessions = std::set<HttpSession*>;

// A claim on the memory that request bodies may take together; given back by the destructor.
class BodyClaim {
 public:
  explicit BodyClaim(HttpState* state) : state_(state) {}
  BodyClaim(const BodyClaim&) = delete;
  BodyClaim& operator=(const BodyClaim&) = delete;
  ~BodyClaim() { state_->body_bytes -= bytes_; }
  // False when the bound does not allow a body of `bytes` beside the others.
  bool Grow(int64_t bytes) {
    const int64_t more = bytes - bytes_;
    if (more <= 0) return true;
    if ((state_->body_bytes += more) > static_cast<int64_t>(state_->options.bodies_bytes_max)) {
      state_->body_bytes -= more;
      return false;
    }
    bytes_ = bytes;
    return true;
  }

 private:
  HttpState* state_;
  int64_t bytes_ = 0;
};

}  // namespace lineal::server
