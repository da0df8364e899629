// How far an ingestion was acknowledged, in a small file beside the input, so that the next run goes on from there. It
// knows which input it belongs to: one that has changed is not gone on with.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/file_system.h"
#include "clients/cli/record_reader.h"

namespace lineal::cli {

struct Checkpoint {
  std::string collection;
  uint64_t input_bytes = 0;
  std::string input_digest;  // of its first bytes
  ReadPosition position;
};

// What identifies an input now.
absl::StatusOr<Checkpoint> CheckpointFor(const std::string& input, std::string collection);

// Nothing when there is no file. FAILED_PRECONDITION when it belongs to another input or collection, INVALID_ARGUMENT
// when it cannot be read; both say what to do.
absl::StatusOr<std::optional<ReadPosition>> LoadCheckpoint(FileSystem* files, const std::string& path,
                                                           const Checkpoint& expected);
absl::Status SaveCheckpoint(FileSystem* files, const std::string& path, const Checkpoint& checkpoint);

// Batches end in any order; all before the watermark have ended.
class AckTracker {
 public:
  explicit AckTracker(const ReadPosition& start) : watermark_(start) {}
  // Numbers of batches go up by one from 0.
  void Done(uint64_t batch, const ReadPosition& end);
  const ReadPosition& watermark() const { return watermark_; }

 private:
  struct Ended {
    uint64_t batch;
    ReadPosition end;
    bool operator<(const Ended& other) const { return batch < other.batch; }
  };
  std::set<Ended> waiting_;
  uint64_t next_ = 0;
  ReadPosition watermark_;
};

}  // namespace lineal::cli
