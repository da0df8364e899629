#include "server/rest/mlflow_door.h"

#include "base/log.h"
#include "base/status.h"
#include "engine/payload/json.h"
#include "server/mlflow/mlflow_errors.h"

namespace lineal::server {
namespace {

constexpr const char* kRetryAfterS = "1";

}  // namespace

bool TakeMlflowPath(std::vector<std::string>* segments) {
  auto& path = *segments;
  if (path.size() < 3 || (path[0] != "api" && path[0] != "ajax-api") || path[1] != "2.0" || path[2] != "mlflow") {
    return false;
  }
  path[0] = "api";
  return true;
}

HttpResponse MlflowErrorResponse(const absl::Status& status) {
  const mlflow::Error error = mlflow::ErrorOf(status);
  if (error.status == 500) Log(LogLevel::kError, "a request failed", {{"error", std::string(MessageOf(status))}});
  HttpResponse response;
  response.status = error.status;
  response.body = mlflow::ErrorBody(error.code, MessageOf(status));
  if (error.status == 429 || error.status == 503) response.headers.emplace_back("Retry-After", kRetryAfterS);
  return response;
}

HttpResponse MlflowNoEndpoint(int http_status, std::string_view message) {
  HttpResponse response;
  response.status = http_status;
  response.body = mlflow::ErrorBody("ENDPOINT_NOT_FOUND", message);
  return response;
}

absl::Status AnswerMlflow(RestCall& call, mlflow::Endpoint endpoint) {
  LINEAL_ASSIGN_OR_RETURN(mlflow::Request request, mlflow::Request::Parse(call.body, call.query_fields));
  request.principal = call.caller.principal;
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  LINEAL_ASSIGN_OR_RETURN(const engine::Value answer, endpoint(lineage->models(), request));
  call.whole = HttpResponse{.body = engine::ToJson(answer)};
  return absl::OkStatus();
}

}  // namespace lineal::server
