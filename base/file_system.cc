#include "base/file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/block_reader.h"
#include "base/descriptor.h"
#include "base/status.h"

namespace lineal {

absl::Status ErrnoStatus(int error, std::string_view what, std::string_view path) {
  std::string message = StrCat(what, " ", path, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(message);
    case ENOSPC:
    case EDQUOT:
      return MakeError(ErrorKind::kDiskFull, message);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    default:
      return absl::UnavailableError(message);
  }
}

namespace {

std::string ParentOf(const std::string& path) {
  std::filesystem::path named(path);
  if (!named.has_filename()) named = named.parent_path();
  auto parent = named.parent_path().string();
  return parent.empty() ? "." : parent;
}

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  absl::Status Append(std::string_view bytes) override {
    size_ += bytes.size();
    if (buffer_.size() + bytes.size() > kBufferBytes) LINEAL_RETURN_IF_ERROR(Drain());
    if (bytes.size() >= kBufferBytes) return WriteAll(bytes);
    buffer_.append(bytes);
    return absl::OkStatus();
  }
  uint64_t size() const override { return size_; }
  absl::Status Finish() override {
    LINEAL_RETURN_IF_ERROR(Drain());
    if (::fsync(fd_.get()) != 0) return ErrnoStatus(errno, "sync", path_);
    if (::close(fd_.Release()) != 0) return ErrnoStatus(errno, "close", path_);
    return PosixFileSystem()->SyncDirectory(ParentOf(path_));
  }

 private:
  static constexpr size_t kBufferBytes = 1 << 18;

  absl::Status Drain() {
    LINEAL_RETURN_IF_ERROR(WriteAll(buffer_));
    buffer_.clear();
    return absl::OkStatus();
  }
  absl::Status WriteAll(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return ErrnoStatus(errno, "write", path_);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  Descriptor fd_;
  std::string path_;
  std::string buffer_;
  uint64_t size_ = 0;
};

class PosixMapping final : public MappedRegion {
 public:
  PosixMapping(void* at, size_t size, std::string path) : at_(at), size_(size), path_(std::move(path)) {}
  ~PosixMapping() override {
    if (size_ > 0) ::munmap(at_, size_);
  }
  std::string_view bytes() const override { return {static_cast<const char*>(at_), size_}; }

  void Advise(Residence residence, uint64_t offset, uint64_t size) const override {
    const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    const uint64_t begin = offset / page * page, end = std::min<uint64_t>(size_, offset + size);
    if (begin >= end) return;
    char* const at = static_cast<char*>(at_) + begin;
    switch (residence) {
      case Residence::kAtRandom:
        ::madvise(at, end - begin, MADV_RANDOM);
        break;
      case Residence::kSoon:
        // One call fetches no more than the device's read-ahead.
        for (uint64_t done = begin; done < end; done += kReadAhead) {
          ::madvise(static_cast<char*>(at_) + done, std::min(kReadAhead, end - done), MADV_WILLNEED);
        }
        break;
      case Residence::kPresent:
        Advise(Residence::kSoon, begin, end - begin);
        ::madvise(at, end - begin, kPopulateRead);
        break;
      case Residence::kGivenBack:
        ::madvise(at, end - begin, MADV_DONTNEED);
        // And out of the page cache, where nobody maps them any more.
        if (const Descriptor fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)); fd.get() >= 0) {
          (void)::posix_fadvise(fd.get(), static_cast<off_t>(begin), static_cast<off_t>(end - begin),
                                POSIX_FADV_DONTNEED);
        }
        break;
    }
  }

 private:
  static constexpr uint64_t kReadAhead = uint64_t{128} << 10;
  static constexpr int kPopulateRead = 22;  // MADV_POPULATE_READ, since Linux 5.14

  void* at_;
  size_t size_;
  const std::string path_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(int fd) : fd_(fd) {}

 private:
  Descriptor fd_;
};

class PosixFiles final : public FileSystem {
 public:
  absl::Status CreateDirectories(const std::string& path) override {
    // Each directory that is made must be named durably by the one above it.
    std::vector<std::string> named_by = {ParentOf(path)};
    while (!Exists(named_by.back())) named_by.push_back(ParentOf(named_by.back()));
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return ErrnoStatus(error.value(), "create directory", path);
    for (const std::string& directory : named_by) LINEAL_RETURN_IF_ERROR(SyncDirectory(directory));
    return absl::OkStatus();
  }
  bool Exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
      names.push_back(it->path().filename().string());
    }
    if (error) return ErrnoStatus(error.value(), "list", directory);
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::StatusOr<std::string> ReadFile(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return ErrnoStatus(errno, "open", path);
    std::string bytes;
    char buffer[1 << 16];
    for (;;) {
      ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ErrnoStatus(errno, "read", path);
      if (got == 0) return bytes;
      bytes.append(buffer, static_cast<size_t>(got));
    }
  }

  absl::Status WriteAtomically(const std::string& path, std::string_view bytes) override {
    return Replace(path, bytes, kSharedMode);
  }
  absl::Status WriteSecret(const std::string& path, std::string_view bytes) override {
    return Replace(path, bytes, kSecretMode);
  }

  absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) override {
    return CreateWith(path, kSharedMode);
  }

  absl::StatusOr<std::shared_ptr<const MappedRegion>> Map(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return ErrnoStatus(errno, "open", path);
    struct stat info;
    if (::fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, "stat", path);
    size_t size = static_cast<size_t>(info.st_size);
    void* at = nullptr;
    if (size > 0) {
      at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
      if (at == MAP_FAILED) return ErrnoStatus(errno, "map", path);
    }
    return std::make_shared<PosixMapping>(at, size, path);
  }

  absl::StatusOr<std::shared_ptr<const BlockReader>> OpenBlocks(const std::string& path) override {
    return OpenBlockReader(path, {});
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return ErrnoStatus(errno, "rename", from);
    return absl::OkStatus();
  }
  absl::Status SyncDirectory(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0) return ErrnoStatus(errno, "open", path);
    if (::fsync(fd.get()) != 0) return ErrnoStatus(errno, "sync", path);
    return absl::OkStatus();
  }
  absl::Status Remove(const std::string& path) override {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return ErrnoStatus(error.value(), "remove", path);
    return absl::OkStatus();
  }

  uint64_t DiskUsage(const std::string& path) override {
    uint64_t bytes = 0;
    std::error_code error;
    struct stat info;
    if (::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) return static_cast<uint64_t>(info.st_blocks) * 512;
    for (std::filesystem::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
      if (::lstat(it->path().c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
        bytes += static_cast<uint64_t>(info.st_blocks) * 512;
      }
    }
    return bytes;
  }

  absl::StatusOr<SpaceInfo> Space(const std::string& path) override {
    struct statvfs info;
    if (::statvfs(path.c_str(), &info) != 0) return ErrnoStatus(errno, "statvfs", path);
    return SpaceInfo{.total_bytes = info.f_blocks * info.f_frsize, .free_bytes = info.f_bavail * info.f_frsize};
  }

  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0640));
    if (fd.get() < 0) return ErrnoStatus(errno, "open", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return ErrnoStatus(errno, "lock", path);
      return absl::FailedPreconditionError(
          StrCat("another process uses this data directory (it holds the lock ", path, ")"));
    }
    return std::make_unique<PosixLock>(fd.Release());
  }

 private:
  static constexpr mode_t kSharedMode = 0640, kSecretMode = 0600;

  static absl::StatusOr<std::unique_ptr<WritableFile>> CreateWith(const std::string& path, mode_t mode) {
    int fd = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, mode);
    if (fd < 0) return ErrnoStatus(errno, "create", path);
    return std::make_unique<PosixWritableFile>(fd, path);
  }
  absl::Status Replace(const std::string& path, std::string_view bytes, mode_t mode) {
    const std::string beside = path + ".tmp";
    // One that a crash left behind may have another mode.
    ::unlink(beside.c_str());
    absl::Status status = WriteWhole(beside, bytes, mode);
    if (status.ok()) status = Rename(beside, path);
    if (!status.ok()) {
      // What is left of it would only take room, and room may be what is missing.
      ::unlink(beside.c_str());
      return status;
    }
    return SyncDirectory(ParentOf(path));
  }
  static absl::Status WriteWhole(const std::string& path, std::string_view bytes, mode_t mode) {
    LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, CreateWith(path, mode));
    LINEAL_RETURN_IF_ERROR(file->Append(bytes));
    return file->Finish();
  }
};

}  // namespace

uint64_t ResidentBytes(std::string_view mapped) {
  if (mapped.empty()) return 0;
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  constexpr size_t kPagesPerCall = 4096;
  unsigned char there[kPagesPerCall];
  const auto end = reinterpret_cast<uintptr_t>(mapped.data()) + mapped.size();
  uint64_t pages = 0;
  for (uintptr_t at = reinterpret_cast<uintptr_t>(mapped.data()) / page * page; at < end; at += kPagesPerCall * page) {
    const size_t bytes = std::min<size_t>(kPagesPerCall * page, end - at);
    if (::mincore(reinterpret_cast<void*>(at), bytes, there) != 0) return 0;
    for (size_t i = 0; i < (bytes + page - 1) / page; ++i) pages += there[i] & 1;
  }
  return std::min<uint64_t>(pages * page, mapped.size());
}

FileSystem* PosixFileSystem() {
  static PosixFiles files;
  return &files;
}

}  // namespace lineal
