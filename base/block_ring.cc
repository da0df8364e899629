#include "base/block_ring.h"

#include <algorithm>
#include <cerrno>

namespace lineal {
namespace {

// Deep enough for a device to be busy with one search; several searches come from several threads.
constexpr unsigned kDepth = 64;

}  // namespace

std::unique_ptr<BlockRing> BlockRing::Make() {
  std::unique_ptr<BlockRing> ring(new BlockRing);
  if (io_uring_queue_init(kDepth, &ring->ring_, 0) == 0) return ring;
  ring->ring_.ring_fd = -1;
  return nullptr;
}

BlockRing::~BlockRing() {
  if (ring_.ring_fd >= 0) io_uring_queue_exit(&ring_);
}

BlockRing* BlockRing::OfThread() {
  thread_local const std::unique_ptr<BlockRing> ring = Make();
  return ring != nullptr && !ring->broken_ ? ring.get() : nullptr;
}

size_t BlockRing::Queue(int fd, std::span<const BlockRequest> requests, size_t next) {
  size_t queued = 0;
  for (; next + queued < requests.size(); ++queued) {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr) break;
    const BlockRequest& request = requests[next + queued];
    io_uring_prep_read(entry, fd, request.to, static_cast<unsigned>(request.bytes), request.offset);
    io_uring_sqe_set_data64(entry, next + queued);
  }
  return queued;
}

size_t BlockRing::Collect(std::span<const BlockRequest> requests, std::vector<size_t>* left) {
  size_t done = 0;
  for (io_uring_cqe* entry = nullptr; io_uring_peek_cqe(&ring_, &entry) == 0; ++done) {
    const size_t at = io_uring_cqe_get_data64(entry);
    if (entry->res < 0 || static_cast<size_t>(entry->res) != requests[at].bytes) left->push_back(at);
    io_uring_cqe_seen(&ring_, entry);
  }
  return done;
}

void BlockRing::Read(int fd, std::span<const BlockRequest> requests, std::vector<size_t>* left) {
  size_t queued = 0, submitted = 0, done = 0;
  while (done < requests.size()) {
    // At most as many under way as the queue of completions surely has room for.
    queued += Queue(fd, requests.first(std::min(requests.size(), done + kDepth)), queued);
    const int taken = io_uring_submit_and_wait(&ring_, 1);
    if (taken > 0) submitted += static_cast<size_t>(taken);
    done += Collect(requests, left);
    // A signal, or no room for more just now: what is under way will end, and make room. With nothing under way it will
    // not get better, and what lies in the queue cannot be taken back.
    if (taken < 0 && taken != -EINTR && submitted == done) {
      broken_ = true;
      for (size_t at = done; at < requests.size(); ++at) left->push_back(at);
      return;
    }
  }
}

}  // namespace lineal
