// Refuses writes before the disk is full, and keeps a file of zeros that is given up when deletes and flushes, which
// make room, need it.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/file_system.h"

namespace lineal::storage {

struct DiskGuardOptions {
  uint64_t reserve_bytes = 0;
  int64_t sample_ms = 5;
  const Clock* clock = nullptr;
  // Bytes that memory still owes the disk: what unflushed memtables will need.
  std::function<uint64_t()> owed_bytes;
};

class DiskGuard {
 public:
  DiskGuard(std::string directory, FileSystem* files, DiskGuardOptions options);

  // Finds the reserve file of an earlier run or makes one if there is room. Never fails for want of room.
  absl::Status Start();
  absl::Status Check(uint64_t bytes, bool frees_space);
  bool reserve_held() const;

 private:
  absl::Status Sample();
  absl::Status CheckOrdinary(uint64_t bytes);
  absl::Status CheckFreeing(uint64_t bytes);
  void GiveUpReserve();
  void RemakeReserveIfRoomy();
  absl::Status WriteReserve();
  uint64_t Floor() const;

  const std::string directory_;
  const std::string reserve_path_;
  FileSystem* const files_;
  const DiskGuardOptions options_;

  mutable std::mutex mutex_;
  uint64_t reserve_bytes_ = 0;  // what this disk can spare of options_.reserve_bytes
  bool reserve_held_ = false;
  bool sampled_ = false;
  int64_t sampled_ns_ = 0;
  uint64_t free_bytes_ = 0;  // at the sample, less what was granted since
};

}  // namespace lineal::storage
