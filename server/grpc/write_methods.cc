#include <utility>
#include <vector>

#include "base/status.h"
#include "lineal/v1/writes.pb.h"
#include "server/grpc/convert_write.h"
#include "server/grpc/method_table.h"

namespace lineal::server {
namespace {

constexpr char kPrefix[] = "/lineal.v1.Points/";

template <class Request>
absl::Status Write(const CallContext& call, const Request& request, std::vector<engine::WriteOp> ops,
                   v1::WriteResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.service->database->GetCollection(request.collection()));
  engine::WriteRequest write;
  write.ops = std::move(ops);
  write.request_id = request.request_id();
  write.deadline = call.deadline;
  LINEAL_RETURN_IF_ERROR(Attribute(call.caller, call.service->database, &write));
  LINEAL_ASSIGN_OR_RETURN(engine::WriteResult result, collection->Write(std::move(write)));
  WriteResultToWire(result, answer);
  return absl::OkStatus();
}

template <class Request, class Op>
absl::Status WriteOne(const CallContext& call, const Request& request, absl::StatusOr<Op> op,
                      v1::WriteResponse* answer) {
  LINEAL_RETURN_IF_ERROR(op.status());
  std::vector<engine::WriteOp> ops;
  ops.emplace_back(*std::move(op));
  return Write(call, request, std::move(ops), answer);
}

absl::Status Upsert(const CallContext& call, const v1::UpsertRequest& request, v1::WriteResponse* answer) {
  return WriteOne(call, request, UpsertFromWire(request), answer);
}
absl::Status Delete(const CallContext& call, const v1::DeleteRequest& request, v1::WriteResponse* answer) {
  return WriteOne(call, request, DeleteFromWire(request), answer);
}
absl::Status UpdateVectors(const CallContext& call, const v1::UpdateVectorsRequest& request,
                           v1::WriteResponse* answer) {
  return WriteOne(call, request, UpdateVectorsFromWire(request), answer);
}
absl::Status DeleteVectors(const CallContext& call, const v1::DeleteVectorsRequest& request,
                           v1::WriteResponse* answer) {
  return WriteOne(call, request, DeleteVectorsFromWire(request), answer);
}
absl::Status SetPayload(const CallContext& call, const v1::SetPayloadRequest& request, v1::WriteResponse* answer) {
  return WriteOne(call, request, SetPayloadFromWire(request), answer);
}
absl::Status OverwritePayload(const CallContext& call, const v1::SetPayloadRequest& request,
                              v1::WriteResponse* answer) {
  return WriteOne(call, request, OverwritePayloadFromWire(request), answer);
}
absl::Status DeletePayload(const CallContext& call, const v1::DeletePayloadRequest& request,
                           v1::WriteResponse* answer) {
  return WriteOne(call, request, DeletePayloadFromWire(request), answer);
}
absl::Status ClearPayload(const CallContext& call, const v1::ClearPayloadRequest& request, v1::WriteResponse* answer) {
  return WriteOne(call, request, ClearPayloadFromWire(request), answer);
}
absl::Status Batch(const CallContext& call, const v1::BatchRequest& request, v1::WriteResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(auto ops, BatchFromWire(request));
  return Write(call, request, std::move(ops), answer);
}

}  // namespace

void AddWriteMethods(MethodTable* table) {
  auto write = [table](std::string_view name, auto* handle) {
    table->AddUnary(StrCat(kPrefix, name), Right::kWrite, WorkKind::kWrite, handle);
  };
  write("Upsert", Upsert);
  write("Delete", Delete);
  write("UpdateVectors", UpdateVectors);
  write("DeleteVectors", DeleteVectors);
  write("SetPayload", SetPayload);
  write("OverwritePayload", OverwritePayload);
  write("DeletePayload", DeletePayload);
  write("ClearPayload", ClearPayload);
  write("Batch", Batch);
  table->Add({StrCat(kPrefix, "UpsertStream"), Right::kWrite, WorkKind::kWrite, Method::Shape::kUpsertStream, nullptr});
}

}  // namespace lineal::server
