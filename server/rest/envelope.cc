#include "server/rest/envelope.h"

#include "base/log.h"
#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::server {
namespace {

constexpr int kRetryAfterS = 1;

std::string WithPrefix(std::string_view prefix, std::string_view message) {
  if (message.starts_with(prefix)) return std::string(message);
  return StrCat(prefix, message);
}

HttpError InvalidArgumentError(const absl::Status& status, ErrorSource source) {
  const std::string_view message = MessageOf(status);
  const std::string_view where = source == ErrorSource::kBody ? "JSON body" : "query parameters";
  switch (KindOf(status)) {
    case ErrorKind::kMalformed:
      return {400, StrCat(source == ErrorSource::kBody ? "Format error in " : "Deserialize error in ", where, ": ",
                          message)};
    case ErrorKind::kOutOfRange:
      return {422, StrCat("Validation error in ", where, ": [", message, "]")};
    case ErrorKind::kIndexRequired:
      return {400, WithPrefix("Bad request: ", message)};
    case ErrorKind::kPayloadTooLarge:
      return {413, WithPrefix("Payload too large: ", message)};
    case ErrorKind::kNone:
    case ErrorKind::kDiskFull:
    case ErrorKind::kOverload:
    case ErrorKind::kConflict:
      break;
  }
  return {400, WithPrefix("Wrong input: ", message)};
}

}  // namespace

HttpError ErrorOf(const absl::Status& status, ErrorSource source) {
  const std::string_view message = MessageOf(status);
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return InvalidArgumentError(status, source);
    case absl::StatusCode::kOutOfRange:
      return {400, WithPrefix("Wrong input: ", message)};
    case absl::StatusCode::kNotFound:
      return {404, WithPrefix("Not found: ", message)};
    case absl::StatusCode::kAlreadyExists:
      return {409, WithPrefix("Wrong input: ", message)};
    case absl::StatusCode::kAborted:
      return {409, WithPrefix("Conflict: ", message)};
    case absl::StatusCode::kFailedPrecondition:
      if (KindOf(status) == ErrorKind::kConflict) return {409, WithPrefix("Conflict: ", message)};
      return {400, WithPrefix("Bad request: ", message)};
    case absl::StatusCode::kUnauthenticated:
      return {401, std::string(message)};
    case absl::StatusCode::kPermissionDenied:
      return {403, WithPrefix("Forbidden: ", message)};
    case absl::StatusCode::kUnimplemented:
      return {405, WithPrefix("Not supported: ", message)};
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return {408, WithPrefix("Timeout: ", message)};
    case absl::StatusCode::kResourceExhausted:
      if (KindOf(status) == ErrorKind::kDiskFull) return {507, WithPrefix("Insufficient storage: ", message)};
      return {429, WithPrefix("Rate limiting exceeded: ", message), kRetryAfterS};
    case absl::StatusCode::kUnavailable:
      return {503, WithPrefix("Service unavailable: ", message), kRetryAfterS};
    default:
      return {500, WithPrefix("Service internal error: ", message)};
  }
}

HttpResponse ResultResponse(std::string result, double seconds) {
  HttpResponse response;
  response.body = std::move(result);
  response.body.append(",\"status\":\"ok\",\"time\":");
  engine::AppendJsonNumber(&response.body, seconds);
  response.body.push_back('}');
  return response;
}

HttpResponse ErrorResponse(const HttpError& error, double seconds) {
  if (error.status == 401) return TextResponse(401, error.text);
  HttpResponse response;
  response.status = error.status;
  response.body = "{\"status\":{\"error\":";
  engine::AppendJsonString(&response.body, error.text);
  response.body.append("},\"time\":");
  engine::AppendJsonNumber(&response.body, seconds);
  response.body.push_back('}');
  if (error.retry_after_s > 0) response.headers.emplace_back("Retry-After", std::to_string(error.retry_after_s));
  return response;
}

HttpResponse ErrorResponse(const absl::Status& status, double seconds, ErrorSource source) {
  const HttpError error = ErrorOf(status, source);
  if (error.status == 500) Log(LogLevel::kError, "a request failed", {{"error", std::string(MessageOf(status))}});
  return ErrorResponse(error, seconds);
}

HttpResponse TextResponse(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::string(text);
  return response;
}

}  // namespace lineal::server
