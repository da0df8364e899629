// What one log entry asks of a shard: the write operations of a request, checked and encoded (vectors as stored,
// payload canonical), so that applying needs no schema and gives the same result on every copy and every replay
// (docs/format/operations.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "engine/api/filter.h"
#include "engine/shard/row_record.h"

namespace lineal::engine {

// Views into the entry's body (or the request it is made from).
struct OpPoint {
  PointId id;
  std::string_view payload;  // canonical bytes; "" for none
  std::vector<StoredVector> vectors;
};
using OpSelector = std::variant<std::vector<PointId>, Filter>;

struct UpsertOp {
  std::vector<OpPoint> points;
};
struct DeleteOp {
  OpSelector points;
};
struct UpdateVectorsOp {
  std::vector<OpPoint> points;
};
struct DeleteVectorsOp {
  OpSelector points;
  std::vector<uint32_t> numbers;
};
struct SetPayloadOp {
  OpSelector points;
  std::string_view payload;
  std::string key;
};
struct OverwritePayloadOp {
  OpSelector points;
  std::string_view payload;
};
struct DeletePayloadOp {
  OpSelector points;
  std::vector<std::string> keys;
};
struct ClearPayloadOp {
  OpSelector points;
};

using ShardOp = std::variant<UpsertOp, DeleteOp, UpdateVectorsOp, DeleteVectorsOp, SetPayloadOp, OverwritePayloadOp,
                             DeletePayloadOp, ClearPayloadOp>;

std::string EncodeOps(const std::vector<ShardOp>& ops);
// DATA_LOSS for bytes that EncodeOps did not write.
absl::StatusOr<std::vector<ShardOp>> DecodeOps(std::string_view body);

}  // namespace lineal::engine
