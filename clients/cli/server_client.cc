#include "clients/cli/server_client.h"

#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

// What went wrong, from `{"status":{"error":"..."}}` or plain text.
std::string ErrorText(const HttpReply& reply) {
  if (auto json = engine::ParseJson(reply.body); json.ok()) {
    if (const engine::Value* status = json->Find("status")) {
      if (const engine::Value* error = status->Find("error"); error != nullptr && error->is_string()) {
        return error->string();
      }
    }
  }
  const std::string_view text = std::string_view(reply.body).substr(0, 300);
  return text.empty() ? StrCat("the server answers with HTTP status ", reply.status) : std::string(text);
}

}  // namespace

std::string CollectionPath(std::string_view collection, std::string_view rest) {
  return StrCat("/collections/", PercentEncode(collection), rest);
}

absl::StatusCode CodeOfHttp(int status) {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 408:
    case 504:
      return absl::StatusCode::kDeadlineExceeded;
    case 409:
      return absl::StatusCode::kAlreadyExists;
    case 429:
    case 507:
      return absl::StatusCode::kResourceExhausted;
    case 502:
    case 503:
      return absl::StatusCode::kUnavailable;
    default:
      return status >= 200 && status < 300 ? absl::StatusCode::kOk : absl::StatusCode::kInternal;
  }
}

absl::StatusOr<ServerClient> ServerClient::Connect(std::string_view url, std::string api_key) {
  LINEAL_ASSIGN_OR_RETURN(HttpUrl parsed, ParseHttpUrl(url));
  return ServerClient(std::move(parsed), std::move(api_key));
}

absl::StatusOr<engine::Value> ServerClient::Call(std::string_view method, std::string_view target, std::string body) {
  retry_after_s_ = 0;
  HttpCall call;
  call.method = std::string(method);
  call.target = std::string(target);
  call.body = std::move(body);
  if (!key_.empty()) call.headers.emplace_back("api-key", key_);
  if (!session_.empty()) call.headers.emplace_back("lineal-session", session_);
  absl::StatusOr<HttpReply> reply = connection_.Call(call);
  if (!reply.ok()) {
    if (reply.status().code() != absl::StatusCode::kUnavailable) return reply.status();
    return Unavailable(MessageOf(reply.status()), "; is a server running? `lineal serve` starts one, --url names one");
  }
  const absl::StatusCode code = CodeOfHttp(reply->status);
  if (code != absl::StatusCode::kOk) {
    retry_after_s_ = reply->retry_after_s.value_or(0);
    std::string text = ErrorText(*reply);
    if (reply->status == 401) text += "; set LINEAL_API_KEY";
    // A full disk does not pass by waiting a moment.
    if (reply->status == 507) return MakeError(ErrorKind::kDiskFull, text);
    return absl::Status(code, text);
  }
  LINEAL_ASSIGN_OR_RETURN(engine::Value answer, engine::ParseJson(reply->body));
  if (const engine::Value* result = answer.Find("result")) return *result;
  return answer;
}

}  // namespace lineal::cli
