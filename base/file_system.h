// Files as a parameter. What is written through WriteAtomically or a finished WritableFile survives a power cut: the
// file and the directory that names it are synced before the call returns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/io.h"

namespace lineal {

class WritableFile : public ByteSink {
 public:
  // Syncs and closes. Without it the destructor closes and the file may be anything.
  virtual absl::Status Finish() = 0;
};

class FileLock {
 public:
  virtual ~FileLock() = default;
};

struct SpaceInfo {
  uint64_t total_bytes = 0;
  uint64_t free_bytes = 0;
};

// Threads: any. Errors: NOT_FOUND, RESOURCE_EXHAUSTED of kind disk full, else DATA_LOSS or UNAVAILABLE with the path.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual absl::Status CreateDirectories(const std::string& path) = 0;
  virtual bool Exists(const std::string& path) = 0;
  // Names, not paths, in order.
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& directory) = 0;
  virtual absl::StatusOr<std::string> ReadFile(const std::string& path) = 0;
  // Writes beside, syncs, renames over, syncs the directory.
  virtual absl::Status WriteAtomically(const std::string& path, std::string_view bytes) = 0;
  // The same of a file that nobody but its owner may read.
  virtual absl::Status WriteSecret(const std::string& path, std::string_view bytes) = 0;
  virtual absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) = 0;
  virtual absl::StatusOr<std::shared_ptr<const MappedRegion>> Map(const std::string& path) = 0;
  // For reading blocks of what Map would show, past the page cache where the file system allows it.
  virtual absl::StatusOr<std::shared_ptr<const BlockReader>> OpenBlocks(const std::string& path) = 0;
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  virtual absl::Status SyncDirectory(const std::string& path) = 0;
  // A file or a whole directory; OK if it was not there.
  virtual absl::Status Remove(const std::string& path) = 0;
  // Bytes allocated on disk by everything under `path`.
  virtual uint64_t DiskUsage(const std::string& path) = 0;
  virtual absl::StatusOr<SpaceInfo> Space(const std::string& path) = 0;
  // FAILED_PRECONDITION when another process holds it.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
};

FileSystem* PosixFileSystem();

// Bytes of a mapped file that are in physical memory; 0 when the system does not say.
uint64_t ResidentBytes(std::string_view mapped);

// The status of a failed call on `path`, by errno.
absl::Status ErrnoStatus(int error, std::string_view what, std::string_view path);

}  // namespace lineal
