#include "server/mlflow/mlflow_errors.h"

#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::server::mlflow {

Error ErrorOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return {KindOf(status) == ErrorKind::kPayloadTooLarge ? 413 : 400, "INVALID_PARAMETER_VALUE"};
    case absl::StatusCode::kNotFound:
      return {404, "RESOURCE_DOES_NOT_EXIST"};
    case absl::StatusCode::kAlreadyExists:
      return {400, "RESOURCE_ALREADY_EXISTS"};
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
      return {409, "RESOURCE_CONFLICT"};
    case absl::StatusCode::kUnauthenticated:
      return {401, "UNAUTHENTICATED"};
    case absl::StatusCode::kPermissionDenied:
      return {403, "PERMISSION_DENIED"};
    case absl::StatusCode::kUnimplemented:
      return {501, "NOT_IMPLEMENTED"};
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return {408, "DEADLINE_EXCEEDED"};
    case absl::StatusCode::kResourceExhausted:
      return {KindOf(status) == ErrorKind::kDiskFull ? 507 : 429, "RESOURCE_EXHAUSTED"};
    case absl::StatusCode::kUnavailable:
      return {503, "TEMPORARILY_UNAVAILABLE"};
    default:
      return {500, "INTERNAL_ERROR"};
  }
}

std::string ErrorBody(std::string_view code, std::string_view message) {
  std::string body = "{\"error_code\":";
  engine::AppendJsonString(&body, code);
  body.append(",\"message\":");
  engine::AppendJsonString(&body, message);
  body.push_back('}');
  return body;
}

}  // namespace lineal::server::mlflow
