// The value of a row in the `rows` family: whose it is, the row of the same point before it, and its vectors as stored
// (docs/format/row.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"

namespace lineal::engine {

struct StoredVector {
  uint32_t number = 0;
  float norm = 0;        // Euclidean norm of what the user sent
  std::string_view row;  // encoded by index/vectors/row_format.h
};

// Views into the bytes it was decoded from.
struct RowRecord {
  PointId point;
  Seq born = kNoSeq;
  RowId previous = kNoRow;
  std::vector<StoredVector> vectors;
};

std::string EncodeRowRecord(const RowRecord& record);
absl::StatusOr<RowRecord> DecodeRowRecord(std::string_view bytes);

}  // namespace lineal::engine
