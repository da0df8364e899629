// A RocksDB file system over the operating system's that breaks as it is told: loses what was not synced, as a power
// cut does, and fails the k-th write or sync, as a dying or full disk does. For tests of any module.
//
// A power cut is played so: CutPower() while the databases run (every change from then on fails), close the databases,
// RestorePower() (files shrink to what was synced, files whose name never was vanish, renames not followed by a sync of
// their directory are kept or undone by chance), open again. Names reach the disk in order, as journalling file systems
// have it: a rename that is kept keeps the files made before it. A sync is noted, not carried out: these tests are
// about what was asked of the disk.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "rocksdb/file_system.h"

namespace lineal::storage {

enum class FaultPoint { kWrite, kSync };
enum class FaultError { kIo, kNoSpace };

struct FaultPlan {
  FaultPoint point = FaultPoint::kSync;
  FaultError error = FaultError::kIo;
  uint64_t after = 0;       // so many operations still succeed
  bool for_good = true;     // all later ones fail too, until Heal()
  std::string name_suffix;  // of files concerned; "" for all
};

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(uint64_t seed = 1);

  void CutPower();
  // With `torn`, a random part of what was not synced survives.
  void RestorePower(bool torn = false);

  void Fail(const FaultPlan& plan);
  void Heal();
  // Operations of one kind so far.
  uint64_t count(FaultPoint point) const;
  // Whether the plan's fault has happened.
  bool failed() const;

  const char* Name() const override { return "FaultFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;

  // For the files and directories it hands out.
  rocksdb::IOStatus Permit(FaultPoint point, const std::string& path);
  void Written(const std::string& path, uint64_t bytes);
  void Truncated(const std::string& path, uint64_t size);
  void Synced(const std::string& path);
  void DirectorySynced(const std::string& directory);

 private:
  struct FileState {
    uint64_t written = 0;
    uint64_t synced = 0;
    bool named = false;  // its directory entry is synced
    uint64_t made = 0;   // when, among the changes of names
  };
  struct Rename {
    std::string from;
    std::string to;
    std::optional<std::string> replaced;  // what the file it replaced held
    uint64_t made = 0;
  };
  void KeepRenames();
  void UndoRenames();
  rocksdb::IOStatus PermitChange();

  mutable std::mutex mutex_;
  Random random_;
  std::map<std::string, FileState> files_;
  std::vector<Rename> renames_;  // since their directory was synced
  uint64_t names_changed_ = 0;
  bool power_cut_ = false;
  bool armed_ = false;
  bool failed_ = false;
  FaultPlan plan_;
  uint64_t counts_[2] = {0, 0};
};

// Flips one bit of a file where it lies.
bool FlipBit(const std::string& path, uint64_t offset, int bit);
// Paths of the files in `directory` whose names end in `suffix`, in order.
std::vector<std::string> FilesEndingIn(const std::string& directory, const std::string& suffix);

}  // namespace lineal::storage
