// The acceptor in front of gRPC: listens, accepts, holds connections to a cap, and hands them over. gRPC's own listener
// (1.51) never accepts again once accept() has failed for want of descriptors; this one waits a moment and goes on.
//
// Threads: a thread of its own accepts; Listen, Start and Stop are the owner's.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/executor.h"
#include "server/grpc/connection_table.h"

namespace lineal::server {

class ConnectionAcceptor {
 public:
  struct Options {
    std::string host;
    uint16_t port = 0;  // 0 picks one
    size_t connections_max = 4096;
    const Clock* clock = nullptr;
  };
  // All are called on the acceptor's thread.
  struct Hooks {
    std::function<void(int listener_fd, int fd)> hand_over;  // takes `fd`
    std::function<void()> refused;                           // a connection over the cap was closed
    std::function<void(size_t open)> tick;                   // about once a second
  };

  // UNAVAILABLE if the address cannot be had.
  static absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> Listen(const Options& options);
  ~ConnectionAcceptor();

  uint16_t port() const { return port_; }
  void Start(Hooks hooks);
  // Stops accepting and listening. Idempotent.
  void Stop();

 private:
  ConnectionAcceptor(const Options& options, int listener_fd, int wake_fd, uint16_t port);
  void Loop();
  // Waits for a connection, the end, or the time to look again.
  void Wait();
  void AcceptSome();
  void Admit(int fd);
  void Reap(int64_t now_ns);

  const Options options_;
  const int listener_fd_;
  const int wake_fd_;
  const uint16_t port_;
  Hooks hooks_;
  ConnectionTable open_;
  int64_t reaped_ns_ = 0;
  int64_t ticked_ns_ = 0;
  bool backing_off_ = false;
  std::atomic<bool> stopping_{false};
  ServiceThread thread_;
};

}  // namespace lineal::server
