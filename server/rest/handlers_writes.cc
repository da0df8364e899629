#include "server/rest/handlers.h"
#include "server/rest/parse_points.h"
#include "server/rest/parse_update.h"
#include "server/rest/write_points.h"

namespace lineal::server {
namespace {

absl::StatusOr<engine::WriteResult> Write(RestCall& call, std::vector<engine::WriteOp> ops) {
  engine::WriteRequest request;
  request.ops = std::move(ops);
  request.request_id = call.request_id;
  request.deadline = call.deadline;
  LINEAL_RETURN_IF_ERROR(Attribute(call.caller, call.service->database, &request));
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(engine::WriteResult result, collection->Write(std::move(request)));
  call.Warn(result.warnings);
  return result;
}

// A path whose body is one operation.
absl::Status WriteOne(RestCall& call, std::string_view name, JsonWriter* result) {
  std::vector<engine::WriteOp> ops;
  {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(engine::WriteOp op, ReadWriteOp(name, root, JsonPlace()));
    ops.push_back(std::move(op));
  }
  LINEAL_ASSIGN_OR_RETURN(engine::WriteResult written, Write(call, std::move(ops)));
  WriteUpdateResult(result, written.operation_id, call.query.wait);
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleUpsert(RestCall& call, JsonWriter* result) { return WriteOne(call, "upsert", result); }
absl::Status HandleDeletePoints(RestCall& call, JsonWriter* result) { return WriteOne(call, "delete", result); }
absl::Status HandleUpdateVectors(RestCall& call, JsonWriter* result) {
  return WriteOne(call, "update_vectors", result);
}
absl::Status HandleDeleteVectors(RestCall& call, JsonWriter* result) {
  return WriteOne(call, "delete_vectors", result);
}
absl::Status HandleSetPayload(RestCall& call, JsonWriter* result) { return WriteOne(call, "set_payload", result); }
absl::Status HandleOverwritePayload(RestCall& call, JsonWriter* result) {
  return WriteOne(call, "overwrite_payload", result);
}
absl::Status HandleDeletePayload(RestCall& call, JsonWriter* result) {
  return WriteOne(call, "delete_payload", result);
}
absl::Status HandleClearPayload(RestCall& call, JsonWriter* result) { return WriteOne(call, "clear_payload", result); }

absl::Status HandleBatch(RestCall& call, JsonWriter* result) {
  std::vector<engine::WriteOp> ops;
  {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(ops, ReadOperations(root, JsonPlace()));
  }
  const size_t count = ops.size();
  engine::WriteResult written;
  if (count > 0) {
    LINEAL_ASSIGN_OR_RETURN(written, Write(call, std::move(ops)));
  } else {
    LINEAL_RETURN_IF_ERROR(call.Collection().status());
  }
  result->BeginArray();
  for (size_t i = 0; i < count; ++i) WriteUpdateResult(result, written.operation_id, call.query.wait);
  result->EndArray();
  return absl::OkStatus();
}

}  // namespace lineal::server
