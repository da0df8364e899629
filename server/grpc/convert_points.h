// The points of a write, in their two forms: one message a point, and columns.
//
// Threads: any; nothing is kept.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/api/write.h"
#include "lineal/v1/writes.pb.h"

namespace lineal::server {

using WirePoints = google::protobuf::RepeatedPtrField<v1::Point>;
using WireBlocks = google::protobuf::RepeatedPtrField<v1::PointBlock>;

// The points in order, then the blocks' in order. INVALID_ARGUMENT (with the place in the request) for a broken id, a
// name given twice, bytes that do not fit the counts, or more than engine::kBatchPointsMax points.
absl::StatusOr<std::vector<engine::PointInput>> PointsFromWire(const WirePoints& points, const WireBlocks& blocks);
// INVALID_ARGUMENT when neither ids nor a filter are set.
absl::StatusOr<engine::PointSelector> SelectorFromWire(const v1::PointSelector& selector);

}  // namespace lineal::server
