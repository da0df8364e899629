// The parameters of MLflow's registry searches, and the tokens of their pages.
#pragma once

#include "absl/status/statusor.h"
#include "engine/api/models.h"
#include "server/mlflow/mlflow_request.h"
#include "server/mlflow/registry_filter.h"

namespace lineal::server::mlflow {

// "filter", "order_by", "max_results" and "page_token". Prompts, which MLflow keeps as models with a tag, are left out
// unless the filter asks for them.
absl::StatusOr<engine::ModelQuery> ReadSearch(const Request& request, Searched what);

// Where the page after this one begins.
std::string NextPageToken(const engine::ModelQuery& query);

}  // namespace lineal::server::mlflow
