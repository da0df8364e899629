#include "engine/segment/row_table.h"

#include "base/check.h"
#include "base/checked_image.h"
#include "base/coding.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kRowBytes = 41;
constexpr uint32_t kMagic = 0x32574f52;  // "ROW2"

}  // namespace

RowTable::RowTable(uint32_t capacity)
    : capacity_(capacity), chunks_((capacity + kChunkRows - 1) / kChunkRows), dead_bits_(capacity) {}

LocalId RowTable::Append(const RowEntry& entry) {
  const uint32_t at = size_.load(std::memory_order_relaxed);
  LINEAL_CHECK(at < capacity_);
  LINEAL_DCHECK(at == 0 || row(LocalId{at - 1}) < entry.row);
  std::unique_ptr<Chunk>& chunk = chunks_[at >> kChunkShift];
  if (!chunk) chunk = std::make_unique<Chunk>();
  chunk->entries[at & kChunkMask] = entry;
  chunk->died[at & kChunkMask].store(Raw(kSeqMax), std::memory_order_relaxed);
  if (Raw(entry.born) > newest_birth_.load(std::memory_order_relaxed)) {
    newest_birth_.store(Raw(entry.born), std::memory_order_release);
  }
  size_.store(at + 1, std::memory_order_release);
  return LocalId{at};
}

void RowTable::MarkDied(LocalId id, Seq died) {
  uint64_t alive = Raw(kSeqMax);
  std::atomic<uint64_t>& slot = chunks_[Raw(id) >> kChunkShift]->died[Raw(id) & kChunkMask];
  if (slot.compare_exchange_strong(alive, Raw(died), std::memory_order_acq_rel)) {
    dead_bits_.Set(id);
    dead_.fetch_add(1, std::memory_order_release);
  }
}

LocalId RowTable::LowerBound(RowId wanted) const {
  uint32_t low = 0;
  uint32_t high = size();
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (row(LocalId{middle}) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return LocalId{low};
}

std::optional<LocalId> RowTable::Find(RowId wanted) const {
  const uint32_t rows = size();
  if (rows == 0 || wanted < row(LocalId{0}) || row(LocalId{rows - 1}) < wanted) return std::nullopt;
  const LocalId at = LowerBound(wanted);
  if (Raw(at) < rows && row(at) == wanted) return at;
  return std::nullopt;
}

uint64_t RowTable::memory_bytes() const {
  return (uint64_t{size()} + kChunkRows - 1) / kChunkRows * sizeof(Chunk) + dead_bits_.memory_bytes();
}

absl::Status RowTable::Save(ByteSink* sink) const {
  std::string bytes;
  const uint32_t rows = size();
  PutFixed(&bytes, kMagic);
  PutFixed(&bytes, rows);
  for (uint32_t i = 0; i < rows; ++i) {
    const RowEntry& entry = At(LocalId{i});
    PutFixed(&bytes, Raw(entry.row));
    PutFixed(&bytes, Raw(entry.born));
    PutFixed(&bytes, entry.point.high());
    PutFixed(&bytes, entry.point.low());
    PutFixed(&bytes, static_cast<uint8_t>(entry.point.is_uuid()));
    PutFixed(&bytes, Raw(died(LocalId{i})));
  }
  AppendChecksum(&bytes);
  return sink->Append(bytes);
}

absl::StatusOr<std::shared_ptr<RowTable>> RowTable::Load(std::string_view image) {
  if (image.size() < 12 || !ChecksumHolds(image)) return DataLoss("row table: checksum differs");
  Reader reader(image.substr(0, image.size() - 4));
  if (reader.Fixed<uint32_t>() != kMagic) return DataLoss("row table: unknown format");
  const uint32_t rows = reader.Fixed<uint32_t>();
  if (reader.rest().size() != uint64_t{rows} * kRowBytes) return DataLoss("row table: wrong length");
  auto table = std::make_shared<RowTable>(rows);
  for (uint32_t i = 0; i < rows; ++i) {
    RowEntry entry;
    entry.row = RowId{reader.Fixed<uint64_t>()};
    entry.born = Seq{reader.Fixed<uint64_t>()};
    const uint64_t high = reader.Fixed<uint64_t>();
    const uint64_t low = reader.Fixed<uint64_t>();
    entry.point = reader.Fixed<uint8_t>() != 0 ? PointId::Uuid(high, low) : PointId::Number(low);
    if (i > 0 && entry.row <= table->row(LocalId{i - 1})) return DataLoss("row table: rows out of order");
    table->Append(entry);
    if (const Seq died{reader.Fixed<uint64_t>()}; died != kSeqMax) table->MarkDied(LocalId{i}, died);
  }
  return table;
}

}  // namespace lineal::engine
