#include "base/status.h"
#include "server/mlflow/mlflow_answers.h"
#include "server/mlflow/registry_endpoints.h"
#include "server/mlflow/registry_search.h"

namespace lineal::server::mlflow {
namespace {

using engine::ModelRegistry;
using engine::Value;

absl::StatusOr<Value> WithLatest(ModelRegistry& registry, const engine::RegisteredModel& model) {
  LINEAL_ASSIGN_OR_RETURN(const auto latest, registry.LatestVersions(model.name, {}));
  return AnswerOf(model, latest);
}

absl::StatusOr<Value> ModelAnswer(ModelRegistry& registry, const engine::RegisteredModel& model) {
  LINEAL_ASSIGN_OR_RETURN(Value answer, WithLatest(registry, model));
  return Wrapped("registered_model", std::move(answer));
}

}  // namespace

absl::StatusOr<Value> CreateModel(ModelRegistry& registry, const Request& request) {
  engine::RegisteredModel wanted;
  LINEAL_ASSIGN_OR_RETURN(wanted.name, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(wanted.description, request.Text("description"));
  LINEAL_ASSIGN_OR_RETURN(wanted.tags, request.Tags());
  LINEAL_ASSIGN_OR_RETURN(const auto model, registry.CreateModel(wanted, request.principal));
  return Wrapped("registered_model", AnswerOf(model, {}));
}

absl::StatusOr<Value> RenameModel(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(const std::string new_name, request.Required("new_name"));
  LINEAL_ASSIGN_OR_RETURN(const auto model, registry.RenameModel(name, new_name, request.principal));
  return ModelAnswer(registry, model);
}

absl::StatusOr<Value> UpdateModel(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(const std::string description, request.Text("description"));
  LINEAL_ASSIGN_OR_RETURN(const auto model, registry.DescribeModel(name, description, request.principal));
  return ModelAnswer(registry, model);
}

absl::StatusOr<Value> DeleteModel(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("name"));
  LINEAL_RETURN_IF_ERROR(registry.DeleteModel(name, request.principal));
  return Value::EmptyObject();
}

absl::StatusOr<Value> GetModel(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(const auto model, registry.FindModel(name));
  return ModelAnswer(registry, model);
}

absl::StatusOr<Value> SearchModels(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const auto query, ReadSearch(request, Searched::kModels));
  LINEAL_ASSIGN_OR_RETURN(const auto page, registry.SearchModels(query));
  Value::Array models;
  for (const engine::RegisteredModel& model : page.items) {
    absl::StatusOr<Value> answer = WithLatest(registry, model);
    if (absl::IsNotFound(answer.status())) continue;  // deleted meanwhile
    LINEAL_RETURN_IF_ERROR(answer.status());
    models.push_back(*std::move(answer));
  }
  Value out = Value::EmptyObject();
  if (!models.empty()) out.Set("registered_models", Value(std::move(models)));
  if (page.more) out.Set("next_page_token", Value(NextPageToken(query)));
  return out;
}

absl::StatusOr<Value> GetLatestVersions(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(const std::vector<std::string> names, request.Texts("stages"));
  std::vector<engine::ModelStage> stages;
  for (const std::string& one : names) {
    const auto stage = engine::ParseModelStage(one);
    if (!stage) return InvalidArgument("Invalid Model Version stage: ", one, ".");
    stages.push_back(*stage);
  }
  LINEAL_ASSIGN_OR_RETURN(const auto latest, registry.LatestVersions(name, stages));
  return latest.empty() ? Value::EmptyObject() : Wrapped("model_versions", AnswerOf(latest));
}

absl::StatusOr<Value> SetModelTag(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(std::string key, request.Required("key"));
  LINEAL_ASSIGN_OR_RETURN(std::string value, request.Text("value"));
  LINEAL_RETURN_IF_ERROR(registry.ChangeModelTag(name, {std::move(key), std::move(value)}, request.principal));
  return Value::EmptyObject();
}

absl::StatusOr<Value> DeleteModelTag(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(std::string key, request.Required("key"));
  LINEAL_RETURN_IF_ERROR(registry.ChangeModelTag(name, {std::move(key), std::nullopt}, request.principal));
  return Value::EmptyObject();
}

absl::StatusOr<Value> SetAlias(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, request.Version());
  LINEAL_ASSIGN_OR_RETURN(const std::string alias, request.Required("alias"));
  LINEAL_RETURN_IF_ERROR(registry.PointAlias(id, alias, request.principal));
  return Value::EmptyObject();
}

absl::StatusOr<Value> DeleteAlias(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(const std::string alias, request.Required("alias"));
  LINEAL_RETURN_IF_ERROR(registry.RemoveAlias(name, alias, request.principal));
  return Value::EmptyObject();
}

absl::StatusOr<Value> GetVersionByAlias(ModelRegistry& registry, const Request& request) {
  LINEAL_ASSIGN_OR_RETURN(const std::string name, request.Required("name"));
  LINEAL_ASSIGN_OR_RETURN(const std::string alias, request.Required("alias"));
  LINEAL_ASSIGN_OR_RETURN(const auto version, registry.FindByAlias(name, alias));
  // Clients know a missing alias by this code and these words.
  if (!version) return InvalidArgument("Registered model alias ", alias, " not found.");
  return Wrapped("model_version", AnswerOf(*version));
}

}  // namespace lineal::server::mlflow
