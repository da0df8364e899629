// MLflow's endpoints behind the REST door: under /api/2.0/mlflow and, as its user interface has it,
// /ajax-api/2.0/mlflow. Their answers and errors have MLflow's shape, not the dialect's.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/http/http_message.h"
#include "server/mlflow/registry_endpoints.h"
#include "server/rest/rest_call.h"

namespace lineal::server {

// Whether the path is one of MLflow's, served or not; then its first segment becomes "api".
bool TakeMlflowPath(std::vector<std::string>* segments);

HttpResponse MlflowErrorResponse(const absl::Status& status);
// For what a status has no code for: a path or a method that is not there.
HttpResponse MlflowNoEndpoint(int http_status, std::string_view message);

absl::Status AnswerMlflow(RestCall& call, mlflow::Endpoint endpoint);
template <mlflow::Endpoint endpoint>
absl::Status HandleMlflow(RestCall& call, JsonWriter*) {
  return AnswerMlflow(call, endpoint);
}

}  // namespace lineal::server
