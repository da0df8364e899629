#include "engine/shard/seal_backlog.h"

#include "base/status.h"

namespace lineal::engine {

uint64_t SealBacklog::Rows() const {
  const std::shared_ptr<const SegmentList> segments = segments_->Get();
  uint64_t rows = 0;
  for (const auto& segment : *segments) {
    if (segment->kind() == SegmentKind::kGrowing && segment != segments->back()) rows += segment->rows().size();
  }
  return rows;
}

absl::Status SealBacklog::WaitForRoom(uint64_t growing_rows_max) {
  if (limit_.segments_max == 0) return absl::OkStatus();
  const uint64_t rows_max = limit_.segments_max * growing_rows_max;
  if (Rows() <= rows_max) return absl::OkStatus();
  std::unique_lock lock(mutex_);
  if (shrunk_.wait_for(lock, limit_.wait, [&] { return Rows() <= rows_max; })) return absl::OkStatus();
  return MakeError(ErrorKind::kOverload, StrCat(Rows(), " rows wait in memory to be written into segments, more than ",
                                                rows_max, "; try again after a moment"));
}

void SealBacklog::Shrunk() {
  std::lock_guard lock(mutex_);
  shrunk_.notify_all();
}

}  // namespace lineal::engine
