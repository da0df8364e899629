// Write requests from the wire, and their answers.
//
// Threads: any; nothing is kept.
#pragma once

#include "absl/status/statusor.h"
#include "engine/api/write.h"
#include "lineal/v1/writes.pb.h"

namespace lineal::server {

// Each checks shapes and limits: packed bytes against counts, ids, engine::kBatchPointsMax, payload size and nesting.
absl::StatusOr<engine::UpsertPoints> UpsertFromWire(const v1::UpsertRequest& request);
absl::StatusOr<engine::DeletePoints> DeleteFromWire(const v1::DeleteRequest& request);
absl::StatusOr<engine::UpdateVectors> UpdateVectorsFromWire(const v1::UpdateVectorsRequest& request);
absl::StatusOr<engine::DeleteVectors> DeleteVectorsFromWire(const v1::DeleteVectorsRequest& request);
absl::StatusOr<engine::SetPayload> SetPayloadFromWire(const v1::SetPayloadRequest& request);
absl::StatusOr<engine::OverwritePayload> OverwritePayloadFromWire(const v1::SetPayloadRequest& request);
absl::StatusOr<engine::DeletePayload> DeletePayloadFromWire(const v1::DeletePayloadRequest& request);
absl::StatusOr<engine::ClearPayload> ClearPayloadFromWire(const v1::ClearPayloadRequest& request);
// An operation inside a batch: it must not name a collection or a request id of its own.
absl::StatusOr<engine::WriteOp> OpFromWire(const v1::WriteOp& op);
// INVALID_ARGUMENT also when the operations together hold more than engine::kBatchPointsMax points.
absl::StatusOr<std::vector<engine::WriteOp>> BatchFromWire(const v1::BatchRequest& request);

void WriteResultToWire(const engine::WriteResult& result, v1::WriteResponse* out);

}  // namespace lineal::server
