#include "server/grpc/convert_write.h"

#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/api/schema.h"
#include "server/grpc/convert_points.h"
#include "server/grpc/convert_value.h"

namespace lineal::server {
namespace {

absl::StatusOr<engine::Value> NewPayload(const v1::SetPayloadRequest& request) {
  if (!request.has_payload() && request.payload_json().empty()) return InvalidArgument("no payload is given");
  if (request.payload_json().size() > engine::kPayloadBytesMax) {
    return OutOfRange("payload has ", request.payload_json().size(), " bytes, the limit is ", engine::kPayloadBytesMax);
  }
  return PayloadFromWire(request.has_payload() ? &request.payload() : nullptr, request.payload_json());
}

template <class Request>
absl::Status CheckInner(const Request& request) {
  if (request.collection().empty() && request.request_id().empty()) return absl::OkStatus();
  return InvalidArgument("an operation in a batch has a collection or request_id of its own");
}

// Adapts one of the functions below to an operation inside a batch.
template <class Request, class Op>
absl::StatusOr<engine::WriteOp> Inner(const Request& request, absl::StatusOr<Op> (*convert)(const Request&)) {
  LINEAL_RETURN_IF_ERROR(CheckInner(request));
  LINEAL_ASSIGN_OR_RETURN(Op op, convert(request));
  return engine::WriteOp(std::move(op));
}

size_t PointsIn(const engine::WriteOp& op) {
  if (const auto* upsert = std::get_if<engine::UpsertPoints>(&op)) return upsert->points.size();
  if (const auto* update = std::get_if<engine::UpdateVectors>(&op)) return update->points.size();
  return 0;
}

}  // namespace

absl::StatusOr<engine::UpsertPoints> UpsertFromWire(const v1::UpsertRequest& request) {
  LINEAL_ASSIGN_OR_RETURN(auto points, PointsFromWire(request.points(), request.blocks()));
  return engine::UpsertPoints{std::move(points)};
}

absl::StatusOr<engine::DeletePoints> DeleteFromWire(const v1::DeleteRequest& request) {
  LINEAL_ASSIGN_OR_RETURN(auto points, SelectorFromWire(request.points()));
  return engine::DeletePoints{std::move(points)};
}

absl::StatusOr<engine::UpdateVectors> UpdateVectorsFromWire(const v1::UpdateVectorsRequest& request) {
  for (const v1::Point& point : request.points()) {
    if (point.has_payload() || !point.payload_json().empty()) {
      return InvalidArgument("an update of vectors has a payload");
    }
  }
  for (const v1::PointBlock& block : request.blocks()) {
    if (block.payloads_json_size() != 0) return InvalidArgument("an update of vectors has a payload");
  }
  LINEAL_ASSIGN_OR_RETURN(auto points, PointsFromWire(request.points(), request.blocks()));
  return engine::UpdateVectors{std::move(points)};
}

absl::StatusOr<engine::DeleteVectors> DeleteVectorsFromWire(const v1::DeleteVectorsRequest& request) {
  if (request.names().empty()) return InvalidArgument("no vector names are given");
  LINEAL_ASSIGN_OR_RETURN(auto points, SelectorFromWire(request.points()));
  return engine::DeleteVectors{std::move(points), {request.names().begin(), request.names().end()}};
}

absl::StatusOr<engine::SetPayload> SetPayloadFromWire(const v1::SetPayloadRequest& request) {
  LINEAL_ASSIGN_OR_RETURN(auto points, SelectorFromWire(request.points()));
  LINEAL_ASSIGN_OR_RETURN(auto payload, NewPayload(request));
  return engine::SetPayload{std::move(points), std::move(payload), request.key()};
}

absl::StatusOr<engine::OverwritePayload> OverwritePayloadFromWire(const v1::SetPayloadRequest& request) {
  if (!request.key().empty()) return InvalidArgument("an overwrite of payload has a key");
  LINEAL_ASSIGN_OR_RETURN(auto points, SelectorFromWire(request.points()));
  LINEAL_ASSIGN_OR_RETURN(auto payload, NewPayload(request));
  return engine::OverwritePayload{std::move(points), std::move(payload)};
}

absl::StatusOr<engine::DeletePayload> DeletePayloadFromWire(const v1::DeletePayloadRequest& request) {
  if (request.keys().empty()) return InvalidArgument("no payload keys are given");
  LINEAL_ASSIGN_OR_RETURN(auto points, SelectorFromWire(request.points()));
  return engine::DeletePayload{std::move(points), {request.keys().begin(), request.keys().end()}};
}

absl::StatusOr<engine::ClearPayload> ClearPayloadFromWire(const v1::ClearPayloadRequest& request) {
  LINEAL_ASSIGN_OR_RETURN(auto points, SelectorFromWire(request.points()));
  return engine::ClearPayload{std::move(points)};
}

absl::StatusOr<engine::WriteOp> OpFromWire(const v1::WriteOp& op) {
  switch (op.op_case()) {
    case v1::WriteOp::kUpsert:
      return Inner(op.upsert(), UpsertFromWire);
    case v1::WriteOp::kDelete:
      return Inner(op.delete_(), DeleteFromWire);
    case v1::WriteOp::kUpdateVectors:
      return Inner(op.update_vectors(), UpdateVectorsFromWire);
    case v1::WriteOp::kDeleteVectors:
      return Inner(op.delete_vectors(), DeleteVectorsFromWire);
    case v1::WriteOp::kSetPayload:
      return Inner(op.set_payload(), SetPayloadFromWire);
    case v1::WriteOp::kOverwritePayload:
      return Inner(op.overwrite_payload(), OverwritePayloadFromWire);
    case v1::WriteOp::kDeletePayload:
      return Inner(op.delete_payload(), DeletePayloadFromWire);
    case v1::WriteOp::kClearPayload:
      return Inner(op.clear_payload(), ClearPayloadFromWire);
    case v1::WriteOp::OP_NOT_SET:
      break;
  }
  return InvalidArgument("no operation is set");
}

absl::StatusOr<std::vector<engine::WriteOp>> BatchFromWire(const v1::BatchRequest& request) {
  std::vector<engine::WriteOp> ops;
  ops.reserve(static_cast<size_t>(request.ops_size()));
  size_t points = 0;
  for (const v1::WriteOp& wire : request.ops()) {
    auto op = OpFromWire(wire);
    LINEAL_RETURN_IF_ERROR(Annotate(op.status(), StrCat("operation ", ops.size())));
    points += PointsIn(*op);
    if (points > engine::kBatchPointsMax) {
      return OutOfRange("batch has more than ", engine::kBatchPointsMax, " points");
    }
    ops.push_back(*std::move(op));
  }
  return ops;
}

void WriteResultToWire(const engine::WriteResult& result, v1::WriteResponse* out) {
  out->set_operation_id(result.operation_id);
  for (const engine::ShardPosition& position : result.positions) {
    v1::ShardPosition* wire = out->add_positions();
    wire->set_shard(position.shard);
    wire->set_seq(Raw(position.seq));
  }
}

}  // namespace lineal::server
