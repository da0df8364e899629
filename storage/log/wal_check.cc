#include "storage/log/wal_check.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "base/status.h"
#include "rocksdb/env.h"
#include "rocksdb/write_batch.h"
#include "storage/log/wal_reader.h"
#include "storage/rocks/rocks_status.h"

namespace lineal::storage {
namespace {

constexpr size_t kBatchHeaderBytes = 12;

struct WalFile {
  uint64_t number;
  std::string path;
};

absl::StatusOr<std::vector<WalFile>> ListWals(rocksdb::Env* env, const std::string& directory) {
  std::vector<std::string> names;
  LINEAL_RETURN_IF_ERROR(FromRocks(env->GetChildren(directory, &names), StrCat("list ", directory)));
  std::vector<WalFile> files;
  for (const std::string& name : names) {
    const size_t digits = name.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string::npos || name.substr(digits) != ".log") continue;
    files.push_back({std::strtoull(name.c_str(), nullptr, 10), StrCat(directory, "/", name)});
  }
  std::sort(files.begin(), files.end(), [](const WalFile& a, const WalFile& b) { return a.number < b.number; });
  return files;
}

// The segment a batch names.
class TagReader final : public rocksdb::WriteBatch::Handler {
 public:
  rocksdb::Status PutCF(uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
  rocksdb::Status DeleteRangeCF(uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  void LogData(const rocksdb::Slice& tag) override {
    if (tag.size() == sizeof(uint64_t)) segment_ = LoadFixed<uint64_t>(tag.data());
  }
  uint64_t segment() const { return segment_; }

 private:
  uint64_t segment_ = 0;
};

class WalCheck {
 public:
  explicit WalCheck(const std::vector<uint64_t>& live_segments)
      : oldest_live_(live_segments.empty() ? UINT64_MAX : live_segments.front()),
        newest_live_(live_segments.empty() ? 0 : live_segments.back()) {}

  absl::Status CheckFile(const WalFile& file, std::string_view bytes) {
    WalReader reader(bytes);
    while (std::optional<std::string> batch = reader.NextBatch()) {
      LINEAL_RETURN_IF_ERROR(CheckBatch(file, reader.stopped_at(), *std::move(batch)));
    }
    // A file made ahead of time ends in zeros.
    const bool clean = bytes.find_first_not_of('\0', reader.stopped_at()) == std::string_view::npos;
    if (clean) return absl::OkStatus();
    torn_ = StrCat("change log file ", file.path, " is damaged at offset ", reader.stopped_at(), " (", reader.reason(),
                   "), before entries written later");
    if (!reader.FindLaterBatch(next_sequence_)) return absl::OkStatus();
    return Live() ? absl::DataLossError(torn_) : absl::OkStatus();
  }

 private:
  // Sequence numbers go on from a torn file to the next: its torn batch was never synced, and its numbers were given
  // again. A jump means that more was lost.
  absl::Status CheckBatch(const WalFile& file, uint64_t end, std::string bytes) {
    if (bytes.size() < kBatchHeaderBytes)
      return DataLoss("change log file ", file.path, ": a short batch before ", end);
    const uint64_t sequence = LoadFixed<uint64_t>(bytes.data());
    const uint64_t count = LoadFixed<uint32_t>(bytes.data() + 8);
    if (!torn_.empty() && sequence > next_sequence_ && Live()) return absl::DataLossError(torn_);
    torn_.clear();
    next_sequence_ = sequence + count;
    TagReader tag;
    if (!rocksdb::WriteBatch(std::move(bytes)).Iterate(&tag).ok()) {
      return DataLoss("change log file ", file.path, ": a batch that cannot be read before offset ", end);
    }
    newest_seen_ = std::max(newest_seen_, tag.segment());
    if (newest_seen_ > newest_live_) {
      return DataLoss("change log file ", file.path, " writes to segment ", newest_seen_,
                      ", of which the manifest knows nothing");
    }
    return absl::OkStatus();
  }

  // Whether what is damaged could matter: the last segment seen before it is not dropped.
  bool Live() const { return newest_seen_ == 0 || newest_seen_ >= oldest_live_; }

  const uint64_t oldest_live_;
  const uint64_t newest_live_;
  uint64_t newest_seen_ = 0;
  uint64_t next_sequence_ = 0;
  std::string torn_;  // what to say if the file before turns out to have lost synced writes
};

}  // namespace

void TagBatch(rocksdb::WriteBatch* batch, uint64_t segment) {
  std::string tag;
  PutFixed(&tag, segment);
  batch->PutLogData(tag).PermitUncheckedError();
}

absl::Status CheckWals(rocksdb::Env* env, const std::string& directory, const std::vector<uint64_t>& live_segments) {
  LINEAL_ASSIGN_OR_RETURN(std::vector<WalFile> files, ListWals(env, directory));
  WalCheck check(live_segments);
  for (const WalFile& file : files) {
    std::string bytes;
    rocksdb::Status read = rocksdb::ReadFileToString(env, file.path, &bytes);
    if (!read.ok()) return FromRocks(read, StrCat("read change log file ", file.path));
    LINEAL_RETURN_IF_ERROR(check.CheckFile(file, bytes));
  }
  return absl::OkStatus();
}

}  // namespace lineal::storage
