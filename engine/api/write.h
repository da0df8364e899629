// Changes to a collection's points, as plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/deadline.h"
#include "base/ids.h"
#include "engine/api/filter.h"
#include "engine/api/origin.h"
#include "engine/api/space.h"
#include "engine/payload/value.h"

namespace lineal::engine {

struct NamedVector {
  std::string name;  // "" for the unnamed one
  std::vector<float> values;
};
struct PointInput {
  PointId id;
  std::vector<NamedVector> vectors;
  Value payload;  // an object, or null for none
  // What it was made from. A point that gets other vectors only keeps what it has, unless this says otherwise.
  std::optional<PointSource> source;
};

using PointSelector = std::variant<std::vector<PointId>, Filter>;

// Replaces each point whole: vectors and payload. Of an id given twice the last one stays.
struct UpsertPoints {
  std::vector<PointInput> points;
};
struct DeletePoints {
  PointSelector points;
};
// Sets the given vectors, keeps the others and the payload. NOT_FOUND for an id that is not there.
struct UpdateVectors {
  std::vector<PointInput> points;
};  // payload ignored
struct DeleteVectors {
  PointSelector points;
  std::vector<std::string> names;
};
// Merges top-level keys into the payload (of the object at `key`, if given).
struct SetPayload {
  PointSelector points;
  Value payload;
  std::string key;
};
struct OverwritePayload {
  PointSelector points;
  Value payload;
};
struct DeletePayload {
  PointSelector points;
  std::vector<std::string> keys;
};
struct ClearPayload {
  PointSelector points;
};

using WriteOp = std::variant<UpsertPoints, DeletePoints, UpdateVectors, DeleteVectors, SetPayload, OverwritePayload,
                             DeletePayload, ClearPayload>;

// Applied in order; all of it or nothing in each shard.
struct WriteRequest {
  std::vector<WriteOp> ops;
  std::string request_id;  // a repeated id within the window gives the first one's outcome; "" for none
  std::string principal;
  IngestContext context;  // how its points came to be
  SpaceClaim claim;       // of its vectors; one without a space leaves it to the context's
  Deadline deadline;
};

struct ShardPosition {
  uint32_t shard = 0;  // the shard's number within its collection
  Seq seq = kNoSeq;
};

// Returned when every part is durable and visible to the next read.
struct WriteResult {
  uint64_t operation_id = 0;             // the greatest seq among the parts
  std::vector<ShardPosition> positions;  // read-your-writes token: one a shard that took part
  std::vector<std::string> warnings;
};

}  // namespace lineal::engine
