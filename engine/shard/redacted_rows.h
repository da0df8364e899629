// Of rows that were erased: when they lived, and nothing else, so that older states can say how much is missing.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"

namespace lineal::engine {

// What an erasure takes out of a shard: rows in ascending order, and sources that may lose their last.
struct ErasedRows {
  std::vector<RowId> rows;
  std::vector<uint32_t> sources;
};
std::string EncodeErasedRows(const ErasedRows& erased);
absl::StatusOr<ErasedRows> DecodeErasedRows(std::string_view bytes);

struct RedactedRow {
  Seq born = kNoSeq, died = kNoSeq;
};
std::string EncodeRedacted(const std::vector<RedactedRow>& rows);
absl::StatusOr<std::vector<RedactedRow>> DecodeRedacted(std::string_view bytes);

class RedactedRows {
 public:
  void Add(const std::vector<RedactedRow>& rows);
  // Those that lived at `seq`.
  uint64_t At(Seq seq) const;
  // Those that were born or died after `from` and not after `to`.
  uint64_t Between(Seq from, Seq to) const;

 private:
  mutable std::mutex mutex_;
  std::vector<RedactedRow> rows_;
};

}  // namespace lineal::engine
