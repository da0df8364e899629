#include "engine/shard/redacted_rows.h"

#include <algorithm>

#include "base/coding.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr uint8_t kFormat = 1;

}  // namespace

std::string EncodeErasedRows(const ErasedRows& erased) {
  std::string bytes;
  PutFixed(&bytes, kFormat);
  PutVarint(&bytes, erased.rows.size());
  uint64_t before = 0;
  for (const RowId row : erased.rows) {
    PutVarint(&bytes, Raw(row) - before);
    before = Raw(row);
  }
  PutVarint(&bytes, erased.sources.size());
  for (const uint32_t source : erased.sources) PutVarint(&bytes, source);
  return bytes;
}

absl::StatusOr<ErasedRows> DecodeErasedRows(std::string_view bytes) {
  Reader reader(bytes);
  ErasedRows erased;
  bool sound = reader.Fixed<uint8_t>() == kFormat;
  uint64_t row = 0;
  for (uint64_t n = sound ? reader.Varint() : 0; n > 0 && reader.ok(); --n) {
    row += reader.Varint();
    erased.rows.push_back(RowId{row});
  }
  for (uint64_t n = sound ? reader.Varint() : 0; n > 0 && reader.ok(); --n) {
    erased.sources.push_back(static_cast<uint32_t>(reader.Varint()));
  }
  if (!sound || !reader.ok() || !reader.AtEnd()) return DataLoss("the rows of an erasure cannot be read");
  return erased;
}

std::string EncodeRedacted(const std::vector<RedactedRow>& rows) {
  std::string bytes;
  PutFixed(&bytes, kFormat);
  PutVarint(&bytes, rows.size());
  for (const RedactedRow& row : rows) {
    PutVarint(&bytes, Raw(row.born));
    PutVarint(&bytes, Raw(row.died) - Raw(row.born));
  }
  return bytes;
}

absl::StatusOr<std::vector<RedactedRow>> DecodeRedacted(std::string_view bytes) {
  Reader reader(bytes);
  std::vector<RedactedRow> rows;
  const bool sound = reader.Fixed<uint8_t>() == kFormat;
  for (uint64_t n = sound ? reader.Varint() : 0; n > 0 && reader.ok(); --n) {
    const uint64_t born = reader.Varint();
    rows.push_back({Seq{born}, Seq{born + reader.Varint()}});
  }
  if (!sound || !reader.ok() || !reader.AtEnd()) return DataLoss("the list of erased rows cannot be read");
  return rows;
}

void RedactedRows::Add(const std::vector<RedactedRow>& rows) {
  std::lock_guard lock(mutex_);
  rows_.insert(rows_.end(), rows.begin(), rows.end());
}

uint64_t RedactedRows::At(Seq seq) const {
  std::lock_guard lock(mutex_);
  return static_cast<uint64_t>(
      std::ranges::count_if(rows_, [&](const RedactedRow& row) { return row.born <= seq && seq < row.died; }));
}

uint64_t RedactedRows::Between(Seq from, Seq to) const {
  std::lock_guard lock(mutex_);
  return static_cast<uint64_t>(std::ranges::count_if(rows_, [&](const RedactedRow& row) {
    return (from < row.born && row.born <= to) || (from < row.died && row.died <= to);
  }));
}

}  // namespace lineal::engine
