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
#include "engine/api/origin.h"
#include "engine/shard/row_record.h"

namespace lineal::engine {

// Views into the entry's body (or the request it is made from).
struct OpPoint {
  PointId id;
  std::string_view payload;  // canonical bytes; "" for none
  std::vector<StoredVector> vectors;
  uint32_t source = 0;  // 1 + its place in the entry's sources; 0: none
  uint32_t ordinal = 0;
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

// The shard's part of a revision. Changes nothing.
struct MarkOp {
  uint64_t revision = 0;
};

using ShardOp = std::variant<UpsertOp, DeleteOp, UpdateVectorsOp, DeleteVectorsOp, SetPayloadOp, OverwritePayloadOp,
                             DeletePayloadOp, ClearPayloadOp, MarkOp>;

// The body of an entry.
struct ShardOps {
  IngestContext context;
  std::vector<SourceVersion> sources;
  std::vector<ShardOp> ops;
};

std::string EncodeOps(const ShardOps& ops);
// DATA_LOSS for bytes that EncodeOps did not write.
absl::StatusOr<ShardOps> DecodeOps(std::string_view body);

}  // namespace lineal::engine
