#include "storage/rocks/disk_guard.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/status.h"

namespace lineal::storage {
namespace {

constexpr char kReserveName[] = "reserve";
constexpr uint64_t kChunkBytes = 1 << 20;
// The reserve may take this share of a small disk.
constexpr uint64_t kDiskShare = 20;

}  // namespace

DiskGuard::DiskGuard(std::string directory, FileSystem* files, DiskGuardOptions options)
    : directory_(std::move(directory)),
      reserve_path_(StrCat(directory_, "/", kReserveName)),
      files_(files),
      options_(std::move(options)) {}

absl::Status DiskGuard::Start() {
  std::lock_guard lock(mutex_);
  LINEAL_ASSIGN_OR_RETURN(SpaceInfo space, files_->Space(directory_));
  reserve_bytes_ = std::min(options_.reserve_bytes, space.total_bytes / kDiskShare);
  // One of another size, or half written when the process died, is no reserve.
  if (files_->Exists(reserve_path_)) {
    reserve_held_ = files_->DiskUsage(reserve_path_) >= reserve_bytes_ && reserve_bytes_ > 0;
    if (!reserve_held_) LINEAL_RETURN_IF_ERROR(files_->Remove(reserve_path_));
  }
  LINEAL_RETURN_IF_ERROR(Sample());
  // An open has to write a little, too.
  if (reserve_held_ && free_bytes_ < reserve_bytes_ / 2) GiveUpReserve();
  RemakeReserveIfRoomy();
  return absl::OkStatus();
}

absl::Status DiskGuard::Check(uint64_t bytes, bool frees_space) {
  std::lock_guard lock(mutex_);
  const int64_t now_ns = options_.clock->MonotonicNs();
  if (!sampled_ || now_ns - sampled_ns_ >= options_.sample_ms * 1'000'000) {
    LINEAL_RETURN_IF_ERROR(Sample());
    RemakeReserveIfRoomy();
  }
  absl::Status status = frees_space ? CheckFreeing(bytes) : CheckOrdinary(bytes);
  if (status.ok()) free_bytes_ -= std::min(free_bytes_, bytes);
  return status;
}

bool DiskGuard::reserve_held() const {
  std::lock_guard lock(mutex_);
  return reserve_held_;
}

absl::Status DiskGuard::Sample() {
  LINEAL_ASSIGN_OR_RETURN(SpaceInfo space, files_->Space(directory_));
  free_bytes_ = space.free_bytes;
  sampled_ns_ = options_.clock->MonotonicNs();
  sampled_ = true;
  return absl::OkStatus();
}

// What ordinary writes must leave free: as much again as the reserve, room to write out what memory holds, and the
// reserve itself while it is not there.
uint64_t DiskGuard::Floor() const {
  return reserve_bytes_ + (reserve_held_ ? 0 : reserve_bytes_) + options_.owed_bytes();
}

absl::Status DiskGuard::CheckOrdinary(uint64_t bytes) {
  const uint64_t floor = Floor();
  if (free_bytes_ >= floor + bytes) return absl::OkStatus();
  return MakeError(ErrorKind::kDiskFull,
                   StrCat("the disk of ", directory_, " has ", free_bytes_, " bytes free; this write needs ", bytes,
                          " above the limit of ", floor));
}

absl::Status DiskGuard::CheckFreeing(uint64_t bytes) {
  // Half of what is kept free besides the reserve is for deletes before the reserve itself goes.
  if (reserve_held_ && free_bytes_ < reserve_bytes_ / 2 + bytes) GiveUpReserve();
  if (free_bytes_ >= bytes) return absl::OkStatus();
  return MakeError(ErrorKind::kDiskFull, StrCat("the disk of ", directory_, " has ", free_bytes_,
                                                " bytes free, the reserve is used up, and this delete needs ", bytes));
}

void DiskGuard::GiveUpReserve() {
  absl::Status removed = files_->Remove(reserve_path_);
  if (!removed.ok()) {
    Log(LogLevel::kError, "the disk reserve could not be given up", {{"error", std::string(MessageOf(removed))}});
    return;
  }
  reserve_held_ = false;
  Log(LogLevel::kWarning, "the disk is nearly full: the reserve was given up for deletes",
      {{"bytes", StrCat(reserve_bytes_)}});
  if (absl::Status sampled = Sample(); !sampled.ok()) sampled_ = false;
}

// Only well above the limit, so that the reserve does not come and go.
void DiskGuard::RemakeReserveIfRoomy() {
  if (reserve_held_ || reserve_bytes_ == 0) return;
  if (free_bytes_ < 3 * reserve_bytes_ + options_.owed_bytes()) return;
  absl::Status written = WriteReserve();
  if (!written.ok()) {
    Log(LogLevel::kWarning, "the disk reserve could not be made", {{"error", std::string(MessageOf(written))}});
    if (absl::Status removed = files_->Remove(reserve_path_); !removed.ok()) return;
  }
  reserve_held_ = written.ok();
  if (absl::Status sampled = Sample(); !sampled.ok()) sampled_ = false;
}

absl::Status DiskGuard::WriteReserve() {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, files_->Create(reserve_path_));
  const std::string zeros(kChunkBytes, '\0');
  for (uint64_t left = reserve_bytes_; left > 0;) {
    const uint64_t size = std::min(left, kChunkBytes);
    LINEAL_RETURN_IF_ERROR(file->Append(std::string_view(zeros).substr(0, size)));
    left -= size;
  }
  return file->Finish();
}

}  // namespace lineal::storage
