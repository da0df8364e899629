#include "base/block_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/block_ring.h"
#include "base/check.h"
#include "base/descriptor.h"
#include "base/file_system.h"
#include "base/status.h"

namespace lineal {
namespace {

class PosixBlockReader final : public BlockReader {
 public:
  PosixBlockReader(std::string path, int plain, int direct, uint64_t size, bool ring)
      : path_(std::move(path)), plain_(plain), direct_(direct), size_(size), ring_(ring) {}

  std::string_view name() const override { return path_; }
  uint64_t size() const override { return size_; }

  absl::Status Read(std::span<const BlockRequest> requests) const override {
    for (const BlockRequest& request : requests) {
      LINEAL_DCHECK(request.offset % kBlockBytes == 0 && request.bytes % kBlockBytes == 0);
      LINEAL_DCHECK(reinterpret_cast<uintptr_t>(request.to) % kBlockBytes == 0);
      LINEAL_DCHECK(request.bytes <= kBytesMax);
    }
    const int fd = direct_.get() >= 0 ? direct_.get() : plain_.get();
    BlockRing* ring = ring_ && requests.size() > 1 ? BlockRing::OfThread() : nullptr;
    if (ring == nullptr) {
      for (const BlockRequest& request : requests) LINEAL_RETURN_IF_ERROR(ReadOne(fd, request));
      return absl::OkStatus();
    }
    std::vector<size_t> left;
    ring->Read(fd, requests, &left);
    for (size_t at : left) LINEAL_RETURN_IF_ERROR(ReadOne(plain_.get(), requests[at]));
    return absl::OkStatus();
  }

 private:
  static constexpr size_t kBytesMax = size_t{1} << 30;

  absl::Status ReadOne(int fd, const BlockRequest& request) const {
    for (size_t done = 0; done < request.bytes;) {
      const ssize_t got =
          ::pread(fd, request.to + done, request.bytes - done, static_cast<off_t>(request.offset + done));
      if (got > 0) {
        done += static_cast<size_t>(got);
        // The end of a file, or of what a file system can do, may leave an offset that only the page cache takes.
        if (done % kBlockBytes != 0) fd = plain_.get();
      } else if (got == 0) {
        return DataLoss("read ", path_, " at ", request.offset + done, ": the file ends there");
      } else if (errno == EINVAL && fd != plain_.get()) {
        fd = plain_.get();
      } else if (errno != EINTR && errno != EAGAIN) {
        const absl::Status failed = ErrnoStatus(errno, "read", path_);
        return Unavailable(MessageOf(failed), ", at ", request.offset + done);
      }
    }
    return absl::OkStatus();
  }

  const std::string path_;
  const Descriptor plain_, direct_;
  const uint64_t size_;
  const bool ring_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const BlockReader>> OpenBlockReader(const std::string& path,
                                                                   const BlockReaderOptions& options) {
  Descriptor plain(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (plain.get() < 0) return ErrnoStatus(errno, "open", path);
  struct stat info;
  if (::fstat(plain.get(), &info) != 0) return ErrnoStatus(errno, "stat", path);
  (void)::posix_fadvise(plain.get(), 0, 0, POSIX_FADV_RANDOM);
  const int direct = options.direct ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT) : -1;
  // What writing it left in the page cache is of no use to reads that go past it.
  if (direct >= 0) (void)::posix_fadvise(plain.get(), 0, 0, POSIX_FADV_DONTNEED);
  return std::make_shared<PosixBlockReader>(path, plain.Release(), direct, static_cast<uint64_t>(info.st_size),
                                            options.ring);
}

bool RingsAllowed() { return BlockRing::OfThread() != nullptr; }

}  // namespace lineal
