#include "storage/faults/fault_file_system.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace lineal::storage {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

std::string ParentOf(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

IOStatus ErrorOf(FaultError error, const std::string& path) {
  if (error == FaultError::kNoSpace) return IOStatus::NoSpace("injected", path);
  return IOStatus::IOError("injected", path);
}

class FaultFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(std::unique_ptr<FSWritableFile> file, FaultFileSystem* faults, std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)), faults_(faults), path_(std::move(path)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
    return Checked(data, [&](const rocksdb::Slice& part) { return target()->Append(part, options, context); });
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Checked(data, [&](const rocksdb::Slice& part) { return target()->Append(part, options, context); });
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* context) override {
    IOStatus status = target()->Truncate(size, options, context);
    if (status.ok()) faults_->Truncated(path_, size);
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return CheckedSync([&] { return target()->Flush(options, context); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return CheckedSync([&] { return target()->Flush(options, context); });
  }
  // No promise of durability.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  template <class Write>
  IOStatus Checked(const rocksdb::Slice& data, const Write& write) {
    IOStatus permitted = faults_->Permit(FaultPoint::kWrite, path_);
    // A disk fills up in the middle of a write.
    const rocksdb::Slice part(data.data(), permitted.ok() ? data.size() : data.size() / 2);
    if (!permitted.ok() && !permitted.IsNoSpace()) return permitted;
    IOStatus status = write(part);
    if (status.ok()) faults_->Written(path_, part.size());
    return permitted.ok() ? status : permitted;
  }
  template <class SyncCall>
  IOStatus CheckedSync(const SyncCall& sync) {
    IOStatus status = faults_->Permit(FaultPoint::kSync, path_);
    if (status.ok()) status = sync();
    if (status.ok()) faults_->Synced(path_);
    return status;
  }

  FaultFileSystem* const faults_;
  const std::string path_;
};

class FaultDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultDirectory(std::unique_ptr<FSDirectory> directory, FaultFileSystem* faults, std::string path)
      : FSDirectoryWrapper(std::move(directory)), faults_(faults), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    IOStatus status = faults_->Permit(FaultPoint::kSync, path_);
    if (status.ok()) faults_->DirectorySynced(path_);
    return status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, context);
  }

 private:
  FaultFileSystem* const faults_;
  const std::string path_;
};

}  // namespace

FaultFileSystem::FaultFileSystem(uint64_t seed) : FileSystemWrapper(rocksdb::FileSystem::Default()), random_(seed) {}

void FaultFileSystem::CutPower() {
  std::lock_guard lock(mutex_);
  power_cut_ = true;
}

void FaultFileSystem::RestorePower(bool torn) {
  std::lock_guard lock(mutex_);
  power_cut_ = false;
  random_.Below(2) == 0 ? KeepRenames() : UndoRenames();
  renames_.clear();
  for (auto& [path, file] : files_) {
    std::error_code error;
    if (!file.named) {
      std::filesystem::remove(path, error);
    } else if (file.synced < file.written) {
      const uint64_t lost = file.written - file.synced;
      std::filesystem::resize_file(path, file.synced + (torn ? random_.Below(lost + 1) : 0), error);
    }
  }
  files_.clear();
}

void FaultFileSystem::KeepRenames() {
  for (const Rename& rename : renames_) {
    for (auto& [path, file] : files_) {
      if (file.made <= rename.made && ParentOf(path) == ParentOf(rename.to)) file.named = true;
    }
  }
}

void FaultFileSystem::UndoRenames() {
  for (auto rename = renames_.rbegin(); rename != renames_.rend(); ++rename) {
    std::error_code error;
    std::filesystem::rename(rename->to, rename->from, error);
    if (auto node = files_.extract(rename->to); !node.empty()) {
      node.key() = rename->from;
      files_.insert(std::move(node));
    }
    if (rename->replaced) std::ofstream(rename->to, std::ios::binary) << *rename->replaced;
  }
}

void FaultFileSystem::Fail(const FaultPlan& plan) {
  std::lock_guard lock(mutex_);
  plan_ = plan;
  armed_ = true;
  failed_ = false;
}

void FaultFileSystem::Heal() {
  std::lock_guard lock(mutex_);
  armed_ = false;
}

uint64_t FaultFileSystem::count(FaultPoint point) const {
  std::lock_guard lock(mutex_);
  return counts_[static_cast<size_t>(point)];
}

bool FaultFileSystem::failed() const {
  std::lock_guard lock(mutex_);
  return failed_;
}

IOStatus FaultFileSystem::PermitChange() {
  std::lock_guard lock(mutex_);
  return power_cut_ ? IOStatus::IOError("power cut") : IOStatus::OK();
}

IOStatus FaultFileSystem::Permit(FaultPoint point, const std::string& path) {
  std::lock_guard lock(mutex_);
  if (power_cut_) return IOStatus::IOError("power cut", path);
  ++counts_[static_cast<size_t>(point)];
  if (!armed_ || plan_.point != point || !path.ends_with(plan_.name_suffix)) return IOStatus::OK();
  if (plan_.after > 0) {
    --plan_.after;
    return IOStatus::OK();
  }
  failed_ = true;
  armed_ = plan_.for_good;
  return ErrorOf(plan_.error, path);
}

void FaultFileSystem::Written(const std::string& path, uint64_t bytes) {
  std::lock_guard lock(mutex_);
  files_[path].written += bytes;
}

void FaultFileSystem::Truncated(const std::string& path, uint64_t size) {
  std::lock_guard lock(mutex_);
  FileState& file = files_[path];
  file.written = size;
  file.synced = std::min(file.synced, size);
}

void FaultFileSystem::Synced(const std::string& path) {
  std::lock_guard lock(mutex_);
  FileState& file = files_[path];
  file.synced = file.written;
}

void FaultFileSystem::DirectorySynced(const std::string& directory) {
  std::lock_guard lock(mutex_);
  for (auto& [path, file] : files_) {
    if (ParentOf(path) == directory) file.named = true;
  }
  std::erase_if(renames_, [&](const Rename& rename) { return ParentOf(rename.to) == directory; });
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& path, const FileOptions& options,
                                          std::unique_ptr<FSWritableFile>* result, IODebugContext* context) {
  if (IOStatus permitted = PermitChange(); !permitted.ok()) return permitted;
  std::unique_ptr<FSWritableFile> file;
  IOStatus status = target()->NewWritableFile(path, options, &file, context);
  if (!status.ok()) return status;
  {
    std::lock_guard lock(mutex_);
    files_[path] = FileState{.made = ++names_changed_};
  }
  *result = std::make_unique<FaultFile>(std::move(file), this, path);
  return status;
}

IOStatus FaultFileSystem::ReopenWritableFile(const std::string& path, const FileOptions& options,
                                             std::unique_ptr<FSWritableFile>* result, IODebugContext* context) {
  if (IOStatus permitted = PermitChange(); !permitted.ok()) return permitted;
  std::unique_ptr<FSWritableFile> file;
  IOStatus status = target()->ReopenWritableFile(path, options, &file, context);
  if (!status.ok()) return status;
  {
    std::lock_guard lock(mutex_);
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(path, error);
    files_.try_emplace(path, FileState{error ? 0 : size, error ? 0 : size, true});
  }
  *result = std::make_unique<FaultFile>(std::move(file), this, path);
  return status;
}

IOStatus FaultFileSystem::ReuseWritableFile(const std::string& path, const std::string& old_path,
                                            const FileOptions& options, std::unique_ptr<FSWritableFile>* result,
                                            IODebugContext* context) {
  // No database of ours recycles files.
  static_cast<void>(old_path);
  return NewWritableFile(path, options, result, context);
}

IOStatus FaultFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                       std::unique_ptr<FSDirectory>* result, IODebugContext* context) {
  std::unique_ptr<FSDirectory> directory;
  IOStatus status = target()->NewDirectory(path, options, &directory, context);
  if (status.ok()) *result = std::make_unique<FaultDirectory>(std::move(directory), this, path);
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                     IODebugContext* context) {
  if (IOStatus permitted = PermitChange(); !permitted.ok()) return permitted;
  Rename rename{.from = from, .to = to};
  if (std::ifstream replaced(to, std::ios::binary); replaced) {
    rename.replaced.emplace(std::istreambuf_iterator<char>(replaced), std::istreambuf_iterator<char>());
  }
  IOStatus status = target()->RenameFile(from, to, options, context);
  if (!status.ok()) return status;
  std::lock_guard lock(mutex_);
  rename.made = ++names_changed_;
  renames_.push_back(std::move(rename));
  if (auto node = files_.extract(from); !node.empty()) {
    files_.erase(to);
    node.key() = to;
    files_.insert(std::move(node));
  }
  return status;
}

IOStatus FaultFileSystem::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                                   IODebugContext* context) {
  if (IOStatus permitted = PermitChange(); !permitted.ok()) return permitted;
  return target()->LinkFile(from, to, options, context);
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* context) {
  if (IOStatus permitted = PermitChange(); !permitted.ok()) return permitted;
  IOStatus status = target()->DeleteFile(path, options, context);
  std::lock_guard lock(mutex_);
  if (status.ok()) files_.erase(path);
  return status;
}

bool FlipBit(const std::string& path, uint64_t offset, int bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  if (byte < 0) return false;
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 1 << bit));
  return file.good();
}

std::vector<std::string> FilesEndingIn(const std::string& directory, const std::string& suffix) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().string().ends_with(suffix)) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace lineal::storage
