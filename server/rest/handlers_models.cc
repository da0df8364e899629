#include <charconv>

#include "engine/api/impact.h"
#include "server/rest/handlers.h"
#include "server/rest/json_reader.h"
#include "server/rest/write_models.h"
#include "server/rest/write_spaces.h"

namespace lineal::server {
namespace {

constexpr uint64_t kModelsListed = 10'000;

absl::StatusOr<engine::ModelRegistry*> ModelsOf(const RestCall& call) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  return &lineage->models();
}

absl::StatusOr<engine::ModelVersionId> VersionOf(const RestCall& call) {
  engine::ModelVersionId id{.model = call.params[0]};
  const std::string& text = call.params[1];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.number);
  if (error == std::errc() && end == text.data() + text.size()) return id;
  return InvalidArgument("version `", text.substr(0, 64), "` of a model is not a number");
}

}  // namespace

absl::Status HandleListModels(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::ModelRegistry * models, ModelsOf(call));
  LINEAL_ASSIGN_OR_RETURN(const auto page, models->SearchModels({.limit = kModelsListed}));
  result->BeginObject();
  result->Key("models");
  result->BeginArray();
  for (const engine::RegisteredModel& model : page.items) WriteModel(result, model);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleGetModelVersion(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, VersionOf(call));
  LINEAL_ASSIGN_OR_RETURN(engine::ModelRegistry * models, ModelsOf(call));
  LINEAL_ASSIGN_OR_RETURN(const auto version, models->FindVersion(id));
  WriteModelVersion(result, version);
  return absl::OkStatus();
}

absl::Status HandleImpact(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelImpact impact,
                          engine::ImpactOf(*call.service->database, call.params[0], call.params[1]));
  result->BeginObject();
  result->Field("points", impact.points);
  result->Key("spaces");
  result->BeginArray();
  for (const engine::EmbeddingSpace& space : impact.spaces) WriteSpace(result, space);
  result->EndArray();
  result->Key("vectors");
  result->BeginArray();
  for (const engine::ModelImpact::Field& field : impact.fields) {
    result->BeginObject();
    result->Field("collection", field.collection);
    result->Field("vector", field.vector);
    result->Field("space", field.space);
    result->Key("bound");
    result->Bool(field.bound);
    result->Field("points", field.points);
    result->EndObject();
  }
  result->EndArray();
  result->Key("aliases");
  result->BeginArray();
  for (const engine::Alias& alias : impact.aliases) WriteAlias(result, alias);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleWithdraw(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(const engine::ModelVersionId id, VersionOf(call));
  std::string reason;
  {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(root, JsonPlace()));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement member, Require(object, "reason", JsonPlace()));
    LINEAL_ASSIGN_OR_RETURN(reason, ReadString(member, JsonPlace(JsonPlace(), "reason")));
  }
  LINEAL_ASSIGN_OR_RETURN(engine::ModelRegistry * models, ModelsOf(call));
  LINEAL_ASSIGN_OR_RETURN(const auto version, models->Withdraw(id, reason, call.caller.principal));
  WriteModelVersion(result, version);
  return absl::OkStatus();
}

absl::Status HandleModelAliasMoves(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::ModelRegistry * models, ModelsOf(call));
  LINEAL_ASSIGN_OR_RETURN(const auto moves, models->AliasMoves(call.params[0], call.params[1]));
  result->BeginObject();
  result->Key("moves");
  result->BeginArray();
  for (const engine::ModelAliasMove& move : moves) WriteAliasMove(result, move);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

}  // namespace lineal::server
