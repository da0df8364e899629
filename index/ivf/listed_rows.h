// The rows of an inverted file in the order of its lists, in a file of their own (docs/format/listed_rows.md), so that
// rows which a search wants together lie together. Nothing but the blocks' checksums is kept in memory.
//
// Threads: immutable; any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "base/io.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/row_format.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

class ListedRows {
 public:
  // Writes the image: the rows `ids`, in that order.
  static absl::Status Save(const RowFormat& format, const RowView& rows, std::span<const LocalId> ids, ByteSink* sink);
  // Reads the header and the checksums: DATA_LOSS if they are damaged, or the file is one of another format or of other
  // `ids`. Rows are checked when they are read.
  static absl::StatusOr<std::shared_ptr<const ListedRows>> Open(std::shared_ptr<const BlockReader> file,
                                                                const RowFormat& format, std::span<const LocalId> ids);

  // Some rows that lie one after another, the first of them at `place` among the ids. Valid during the call.
  using Visit = std::function<void(uint32_t place, const std::byte* rows, uint32_t count)>;
  // Reads the rows at `places`, which ascend, and visits them in order together with all others that came with their
  // blocks. DATA_LOSS for a block whose checksum differs, else as the reader has it; `work`, if not null, is told what
  // was read. The calling thread keeps up to kBufferBytes, or as much as one row takes, for the next call.
  absl::Status Read(std::span<const uint32_t> places, const Visit& visit, SearchWork* work) const;

  uint32_t rows() const { return rows_; }
  uint64_t file_bytes() const { return file_->size(); }
  uint64_t memory_bytes() const { return checksums_.size() * sizeof(uint32_t); }
  // Whether a read has met a block that is not what was written: the file should be written anew.
  bool damaged() const { return damaged_.load(std::memory_order_relaxed); }

  static constexpr size_t kBufferBytes = size_t{2} << 20;

 private:
  // Blocks of rows, the first being 0, that are read by one request.
  struct Run {
    uint64_t begin, end;
  };
  ListedRows(std::shared_ptr<const BlockReader> file, const RowFormat& format, uint32_t rows);
  size_t PlanRuns(std::span<const uint32_t> places, std::vector<Run>* runs) const;
  absl::Status Check(const Run& run, const std::byte* bytes) const;
  uint32_t VisitRun(const Run& run, const std::byte* bytes, uint32_t from, const Visit& visit) const;

  const std::shared_ptr<const BlockReader> file_;
  const size_t row_bytes_;
  const uint32_t rows_;
  std::vector<uint32_t> checksums_;  // one a block
  mutable std::atomic<bool> damaged_{false};
};

}  // namespace lineal::index
