#include "server/rest/handlers.h"
#include "server/rest/parse_spaces.h"

namespace lineal::server {
namespace {

absl::StatusOr<engine::SpaceRegistry*> SpacesOf(const RestCall& call) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  return &lineage->spaces();
}

void WriteText(JsonWriter* out, std::string_view name, const std::string& text) {
  if (!text.empty()) out->Field(name, text);
}

void WriteSpace(JsonWriter* out, const engine::EmbeddingSpace& space) {
  const engine::SpaceRecipe& recipe = space.recipe;
  out->BeginObject();
  out->Field("id", space.id);
  WriteText(out, "name", space.name);
  out->Field("state", NameOf(space.state));
  WriteText(out, "note", space.note);
  out->Field("model", recipe.model);
  WriteText(out, "model_version", recipe.model_version);
  WriteText(out, "tokenizer", recipe.tokenizer);
  WriteText(out, "pooling", recipe.pooling);
  out->Key("normalized");
  out->Bool(recipe.normalized);
  out->Field("dim", recipe.dim);
  if (recipe.cut_from != 0) out->Field("cut_from", recipe.cut_from);
  WriteText(out, "dtype", recipe.dtype);
  WriteText(out, "metric", recipe.metric);
  WriteText(out, "document_prefix", recipe.document_prefix);
  WriteText(out, "query_prefix", recipe.query_prefix);
  if (!recipe.parameters.is_null()) {
    out->Key("parameters");
    out->Value(recipe.parameters);
  }
  out->Field("created_ms", static_cast<uint64_t>(space.created_ms));
  if (space.checked_ms != 0) out->Field("checked_ms", static_cast<uint64_t>(space.checked_ms));
  if (space.last_cosine) out->Field("last_cosine", *space.last_cosine);
  out->EndObject();
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
