// The endpoints of MLflow's model registry, one function each: a request to the body of its answer. A GET and a POST of
// one path are one function.
#pragma once

#include "absl/status/statusor.h"
#include "engine/api/models.h"
#include "engine/payload/value.h"
#include "server/mlflow/mlflow_request.h"

namespace lineal::server::mlflow {

using Endpoint = absl::StatusOr<engine::Value> (*)(engine::ModelRegistry& registry, const Request& request);

// registered_models.cc
absl::StatusOr<engine::Value> CreateModel(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> RenameModel(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> UpdateModel(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> DeleteModel(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> GetModel(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> SearchModels(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> GetLatestVersions(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> SetModelTag(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> DeleteModelTag(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> SetAlias(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> DeleteAlias(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> GetVersionByAlias(engine::ModelRegistry& registry, const Request& request);

// model_versions.cc
absl::StatusOr<engine::Value> CreateVersion(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> UpdateVersion(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> TransitionStage(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> DeleteVersion(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> GetVersion(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> SearchVersions(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> GetDownloadUri(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> SetVersionTag(engine::ModelRegistry& registry, const Request& request);
absl::StatusOr<engine::Value> DeleteVersionTag(engine::ModelRegistry& registry, const Request& request);

}  // namespace lineal::server::mlflow
