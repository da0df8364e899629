// Files as they are, on a disk whose free space is what the test says.
//
// Threads: any.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace lineal::storage {

class FakeSpaceFileSystem : public FileSystem {
 public:
  explicit FakeSpaceFileSystem(FileSystem* files, SpaceInfo space)
      : files_(files), total_bytes_(space.total_bytes), free_bytes_(space.free_bytes) {}
  void SetFree(uint64_t bytes) { free_bytes_ = bytes; }

  absl::StatusOr<SpaceInfo> Space(const std::string&) override {
    return SpaceInfo{.total_bytes = total_bytes_, .free_bytes = free_bytes_};
  }
  absl::Status CreateDirectories(const std::string& path) override { return files_->CreateDirectories(path); }
  bool Exists(const std::string& path) override { return files_->Exists(path); }
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override { return files_->List(path); }
  absl::StatusOr<std::string> ReadFile(const std::string& path) override { return files_->ReadFile(path); }
  absl::Status WriteAtomically(const std::string& path, std::string_view bytes) override {
    return files_->WriteAtomically(path, bytes);
  }
  absl::Status WriteSecret(const std::string& path, std::string_view bytes) override {
    return files_->WriteSecret(path, bytes);
  }
  absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) override {
    return files_->Create(path);
  }
  absl::StatusOr<std::shared_ptr<const MappedRegion>> Map(const std::string& path) override {
    return files_->Map(path);
  }
  absl::StatusOr<std::shared_ptr<const BlockReader>> OpenBlocks(const std::string& path) override {
    return files_->OpenBlocks(path);
  }
  absl::Status Rename(const std::string& from, const std::string& to) override { return files_->Rename(from, to); }
  absl::Status SyncDirectory(const std::string& path) override { return files_->SyncDirectory(path); }
  absl::Status Remove(const std::string& path) override { return files_->Remove(path); }
  uint64_t DiskUsage(const std::string& path) override { return files_->DiskUsage(path); }
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override { return files_->Lock(path); }

 private:
  FileSystem* const files_;
  const uint64_t total_bytes_;
  std::atomic<uint64_t> free_bytes_;
};

}  // namespace lineal::storage
