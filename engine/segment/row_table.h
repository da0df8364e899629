// Which rows a segment holds, in RowId order: whose they are, and when each was born and died. Kept in fixed chunks
// that never move.
//
// Threads: one writer calls Append(); any thread may mark deaths and read rows below size().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "base/io.h"
#include "engine/segment/row_bits.h"

namespace lineal::engine {

struct RowEntry {
  RowId row = kNoRow;
  PointId point;
  Seq born = kNoSeq;
};

class RowTable {
 public:
  // An empty table for at most `capacity` rows.
  explicit RowTable(uint32_t capacity);

  // RowIds must come in ascending order.
  LocalId Append(const RowEntry& entry);

  uint32_t size() const { return size_.load(std::memory_order_acquire); }
  uint32_t capacity() const { return capacity_; }
  RowId row(LocalId id) const { return At(id).row; }
  PointId point(LocalId id) const { return At(id).point; }
  Seq born(LocalId id) const { return At(id).born; }
  Seq died(LocalId id) const { return Seq{ChunkOf(id).died[Raw(id) & kChunkMask].load(std::memory_order_acquire)}; }
  // Mostly one bit is looked at, and neither birth nor death.
  bool VisibleAt(LocalId id, Seq at) const {
    if (newest_birth_.load(std::memory_order_acquire) > Raw(at) && born(id) > at) return false;
    return !dead_bits_.Test(id) || at < died(id);
  }
  // Whether all rows are, whose births and deaths were known when `at` could first be read; false is always safe.
  bool AllVisibleAt(Seq at) const {
    return dead_rows() == 0 && newest_birth_.load(std::memory_order_acquire) <= Raw(at);
  }

  // The first death stays; a later call for the same row changes nothing.
  void MarkDied(LocalId id, Seq died);
  uint32_t dead_rows() const { return dead_.load(std::memory_order_acquire); }

  // The row's place, if it is here.
  std::optional<LocalId> Find(RowId row) const;
  // The least place whose RowId is not below `row` (size() if none).
  LocalId LowerBound(RowId row) const;

  uint64_t memory_bytes() const;

  // A checksummed image of all rows and their deaths so far (docs/format/segment.md), and a table made from one.
  absl::Status Save(ByteSink* sink) const;
  static absl::StatusOr<std::shared_ptr<RowTable>> Load(std::string_view image);

 private:
  static constexpr uint32_t kChunkShift = 12;
  static constexpr uint32_t kChunkRows = 1u << kChunkShift;
  static constexpr uint32_t kChunkMask = kChunkRows - 1;
  struct Chunk {
    RowEntry entries[kChunkRows];
    std::atomic<uint64_t> died[kChunkRows];
  };

  const Chunk& ChunkOf(LocalId id) const { return *chunks_[Raw(id) >> kChunkShift]; }
  const RowEntry& At(LocalId id) const { return ChunkOf(id).entries[Raw(id) & kChunkMask]; }

  const uint32_t capacity_;
  std::vector<std::unique_ptr<Chunk>> chunks_;  // sized once; filled by the writer before size_ says so
  std::atomic<uint32_t> size_{0};
  RowBits dead_bits_;
  std::atomic<uint32_t> dead_{0};
  std::atomic<uint64_t> newest_birth_{0};
};

}  // namespace lineal::engine
