#include "server/openlineage/openlineage_errors.h"

#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::server::openlineage {

int HttpStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return KindOf(status) == ErrorKind::kPayloadTooLarge ? 413 : 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return KindOf(status) == ErrorKind::kDiskFull ? 507 : 503;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return 503;
    default:
      return 500;
  }
}

std::string ErrorBody(int http_status, std::string_view message) {
  std::string body = StrCat("{\"code\":", http_status, ",\"message\":");
  engine::AppendJsonString(&body, message);
  body.push_back('}');
  return body;
}

}  // namespace lineal::server::openlineage
