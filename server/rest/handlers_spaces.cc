#include "server/rest/handlers.h"
#include "server/rest/parse_spaces.h"
#include "server/rest/write_spaces.h"

namespace lineal::server {
namespace {

absl::StatusOr<engine::SpaceRegistry*> SpacesOf(const RestCall& call) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  return &lineage->spaces();
}

absl::Status WriteBinding(JsonWriter* out, engine::Collection& collection) {
  LINEAL_ASSIGN_OR_RETURN(const engine::CollectionInfo info, collection.Info());
  out->BeginObject();
  out->Field("guard", NameOf(info.schema.spaces.guard));
  out->Field("unlabelled", NameOf(info.schema.spaces.unlabelled));
  out->Key("spaces");
  out->BeginObject();
  for (const auto& [name, vector] : info.schema.vectors) {
    if (!vector.space.empty()) out->Field(name, vector.space);
  }
  out->EndObject();
  out->Field("refused", info.space_guard.refused);
  out->Field("warned", info.space_guard.warned);
  out->Field("assumed", info.space_guard.assumed);
  out->EndObject();
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleListSpaces(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::SpaceRegistry * spaces, SpacesOf(call));
  LINEAL_ASSIGN_OR_RETURN(const auto all, spaces->List());
  result->BeginObject();
  result->Key("spaces");
  result->BeginArray();
  for (const engine::EmbeddingSpace& space : all) WriteSpace(result, space);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleRegisterSpace(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(const auto wanted, ReadSpace(root, JsonPlace()));
  LINEAL_ASSIGN_OR_RETURN(engine::SpaceRegistry * spaces, SpacesOf(call));
  LINEAL_ASSIGN_OR_RETURN(const engine::EmbeddingSpace space,
                          spaces->Register(wanted.second, wanted.first, call.caller.principal));
  WriteSpace(result, space);
  return absl::OkStatus();
}

absl::Status HandleGetSpace(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::SpaceRegistry * spaces, SpacesOf(call));
  LINEAL_ASSIGN_OR_RETURN(const engine::EmbeddingSpace space, spaces->Find(call.params[0]));
  WriteSpace(result, space);
  return absl::OkStatus();
}

absl::Status HandleSetCanaries(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(const engine::CanarySet canaries, ReadCanaries(root, JsonPlace()));
  LINEAL_ASSIGN_OR_RETURN(engine::SpaceRegistry * spaces, SpacesOf(call));
  LINEAL_RETURN_IF_ERROR(spaces->SetCanaries(call.params[0], canaries, call.caller.principal));
  result->Bool(true);
  return absl::OkStatus();
}

absl::Status HandleGetBinding(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  return WriteBinding(result, *collection);
}

absl::Status HandleBindSpace(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const engine::CollectionInfo info, collection->Info());
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(const engine::SchemaChange change, ReadSpaceBinding(root, JsonPlace(), info.schema.spaces));
  LINEAL_RETURN_IF_ERROR(call.service->database->AlterCollection(call.params[0], change));
  return WriteBinding(result, *collection);
}

}  // namespace lineal::server
