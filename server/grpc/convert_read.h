// Read requests from the wire. Deadlines are the caller's to fill in.
//
// Threads: any; nothing is kept.
#pragma once

#include "absl/status/statusor.h"
#include "engine/api/read.h"
#include "lineal/v1/reads.pb.h"

namespace lineal::server {

// INVALID_ARGUMENT of kind out of range for a limit outside 1..engine::kLimitMax and the like.
absl::StatusOr<engine::SearchRequest> SearchFromWire(const v1::SearchRequest& request);
absl::StatusOr<engine::RetrieveRequest> RetrieveFromWire(const v1::RetrieveRequest& request);
absl::StatusOr<engine::ScrollRequest> ScrollFromWire(const v1::ScrollRequest& request);
absl::StatusOr<engine::CountRequest> CountFromWire(const v1::CountRequest& request);

}  // namespace lineal::server
