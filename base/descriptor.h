// A file descriptor that is closed with its owner.
//
// Threads: one at a time.
#pragma once

#include <unistd.h>

#include <utility>

namespace lineal {

class Descriptor {
 public:
  // -1 for none.
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace lineal
