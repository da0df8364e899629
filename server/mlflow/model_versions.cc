#include "base/status.h"
#include "server/mlflow/mlflow_answers.h"
#include "server/mlflow/model_source.h"
#include "server/mlflow/registry_endpoints.h"
#include "server/mlflow/registry_search.h"

namespace lineal::server::mlflow {
namespace {

using engine::ModelRegistry;
using engine::Value;

const std::string& PlaceOf(const engine::ModelVersion& version) {
  return version.location.empty() ? version.source : version.location;
}

// Where the files of the version are that `source` names, if it names one. What is withdrawn is not copied.
absl::StatusOr<std::string> LocationOf(ModelRegistry& registry, const std::string& source) {
  const auto id = VersionOfSource(source);
  if (!id) return std::string();
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersion version, registry.FindVersion(*id));
  if (version.state == engine::VersionState::kWithdrawn) {
    return FailedPrecondition("source ", source, " is withdrawn (", version.state_message, ")");
  }
  return PlaceOf(version);
}

}  // namespace

absl::StatusOr<Value> CreateVersion(ModelRegistry& registry, const Request& request) {
  engine::ModelVersion wanted;
  LINEAL_ASSIGN_OR_RETURN(wanted.id.model, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(wanted.source, request.Required("source"));
  LINEAL_ASSIGN_OR_RETURN(wanted.run_id, request.Text("run_id"));
  LINEAL_ASSIGN_OR_RETURN(wanted.run_link, request.Text("run_link"));
  LINEAL_ASSIGN_OR_RETURN(wanted.model_id, request.Text("model_id"));
  LINEAL_ASSIGN_OR_RETURN(wanted.description, request.Text("description"));
  LINEAL_ASSIGN_OR_RETURN(wanted.tags, request.Tags());
  LINEAL_RETURN_IF_ERROR(ValidateSource(wanted.source));
  LINEAL_ASSIGN_OR_RETURN(wanted.location, LocationOf(registry, wanted.source));
  LINEAL_ASSIGN_OR_RETURN(const auto version, registry.CreateVersion(wanted, request.principal));
  return Wrapped("model_version", AnswerOf(version));
}

absl::StatusOr<Value> UpdateVersion(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, request.Version());
  LINEAL_ASSIGN_OR_RETURN(const std::string description, request.Text("description"));
  LINEAL_ASSIGN_OR_RETURN(const auto version, registry.DescribeVersion(id, description, request.principal));
  return Wrapped("model_version", AnswerOf(version));
}

absl::StatusOr<Value> TransitionStage(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, request.Version());
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("stage"));
  const auto stage = engine::ParseModelStage(name);
  if (!stage) {
    return InvalidArgument("Invalid Model Version stage: ", name,
                           ". Value must be one of None, Staging, Production, Archived.");
  }
  engine::StageMove move{.stage = *stage};
  LINEAL_ASSIGN_OR_RETURN(move.archive_others, request.Flag("archive_existing_versions"));
  if (move.archive_others && *stage != engine::ModelStage::kStaging && *stage != engine::ModelStage::kProduction) {
    return InvalidArgument("archive_existing_versions goes with the stages Staging and Production, not with ", name);
  }
  LINEAL_ASSIGN_OR_RETURN(const auto version, registry.MoveToStage(id, move, request.principal));
  return Wrapped("model_version", AnswerOf(version));
}

absl::StatusOr<Value> DeleteVersion(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, request.Version());
  LINEAL_RETURN_IF_ERROR(registry.DeleteVersion(id, request.principal));
  return Value::EmptyObject();
}

absl::StatusOr<Value> GetVersion(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, request.Version());
  LINEAL_ASSIGN_OR_RETURN(const auto version, registry.FindVersion(id));
  return Wrapped("model_version", AnswerOf(version));
}

absl::StatusOr<Value> SearchVersions(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const auto query, ReadSearch(request, Searched::kVersions));
  LINEAL_ASSIGN_OR_RETURN(const auto page, registry.SearchVersions(query));
  Value out = Value::EmptyObject();
  if (!page.items.empty()) out.Set("model_versions", AnswerOf(page.items));
  if (page.more) out.Set("next_page_token", Value(NextPageToken(query)));
  return out;
}

absl::StatusOr<Value> GetDownloadUri(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, request.Version());
  LINEAL_ASSIGN_OR_RETURN(const auto version, registry.FindVersion(id));
  return Wrapped("artifact_uri", Value(PlaceOf(version)));
}

absl::StatusOr<Value> SetVersionTag(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, request.Version());
  LINEAL_ASSIGN_OR_RETURN(std::string key, request.Required("key"));
  LINEAL_ASSIGN_OR_RETURN(std::string value, request.Text("value"));
  LINEAL_RETURN_IF_ERROR(registry.ChangeVersionTag(id, {std::move(key), std::move(value)}, request.principal));
  return Value::EmptyObject();
}

absl::StatusOr<Value> DeleteVersionTag(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, request.Version());
  LINEAL_ASSIGN_OR_RETURN(std::string key, request.Required("key"));
  LINEAL_RETURN_IF_ERROR(registry.ChangeVersionTag(id, {std::move(key), std::nullopt}, request.principal));
  return Value::EmptyObject();
}

}  // namespace lineal::server::mlflow
