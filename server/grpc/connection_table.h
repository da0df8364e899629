// Counts connections that gRPC owns. gRPC closes a descriptor without telling anybody, so each is remembered with its
// socket's cookie (a number the kernel gives a socket once and never again): when the descriptor no longer has that
// cookie, the connection is gone. This costs one system call a connection and look, and no descriptor.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lineal::server {

class ConnectionTable {
 public:
  void Add(int fd);
  // Forgets what has been closed.
  void Reap();
  size_t size() const { return open_.size(); }

 private:
  struct Open {
    int fd;
    uint64_t cookie;
  };
  std::vector<Open> open_;
};

}  // namespace lineal::server
