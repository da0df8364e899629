// The calling thread's ring of io_uring. Made when first asked for, and kept until the thread ends.
//
// Threads: a ring belongs to one.
#pragma once

#include <liburing.h>

#include <memory>
#include <span>
#include <vector>

#include "base/io.h"

namespace lineal {

class BlockRing {
 public:
  // Null where the system refuses one; it is not asked again.
  static BlockRing* OfThread();
  ~BlockRing();
  BlockRing(const BlockRing&) = delete;
  BlockRing& operator=(const BlockRing&) = delete;

  // Reads from `fd` what it can; `left` gets the places of requests that were not filled whole, whatever the reason.
  // When it returns nothing is under way any more.
  void Read(int fd, std::span<const BlockRequest> requests, std::vector<size_t>* left);

 private:
  BlockRing() = default;
  static std::unique_ptr<BlockRing> Make();
  size_t Queue(int fd, std::span<const BlockRequest> requests, size_t next);
  size_t Collect(std::span<const BlockRequest> requests, std::vector<size_t>* left);

  io_uring ring_{};
  bool broken_ = false;
};

}  // namespace lineal
