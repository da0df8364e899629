#include "base/checked_image.h"

#include <algorithm>

#include "base/coding.h"
#include "base/hash.h"
#include "base/status.h"

namespace lineal {
namespace {

constexpr size_t kPiece = size_t{1} << 20;

}  // namespace

void AppendChecksum(std::string* image) { PutFixed(image, Crc32c(*image)); }

void MendChecksum(std::string* image) {
  if (image->size() < kChecksumBytes) return;
  image->resize(image->size() - kChecksumBytes);
  AppendChecksum(image);
}

bool ChecksumHolds(std::string_view image) {
  if (image.size() < kChecksumBytes) return false;
  const size_t own = image.size() - kChecksumBytes;
  return Crc32c(image.substr(0, own)) == LoadFixed<uint32_t>(image.data() + own);
}

absl::Status CheckedSink::Append(std::string_view bytes) {
  crc_ = Crc32c(bytes, crc_);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(kPiece, bytes.size()))) {
    LINEAL_RETURN_IF_ERROR(sink_->Append(bytes.substr(0, kPiece)));
  }
  return absl::OkStatus();
}

absl::Status CheckedSink::Finish() {
  std::string tail;
  PutFixed(&tail, crc_);
  return sink_->Append(tail);
}

}  // namespace lineal
