#include "server/rest/write_spaces.h"

namespace lineal::server {
namespace {

void WriteText(JsonWriter* out, std::string_view name, const std::string& text) {
  if (!text.empty()) out->Field(name, text);
}

void WriteTarget(JsonWriter* out, const engine::AliasTarget& target) {
  out->Field("collection", target.collection);
  WriteText(out, "tag", target.tag);
  WriteText(out, "space", target.space);
}

void WriteMember(JsonWriter* out, std::string_view name, const std::optional<engine::AliasTarget>& target) {
  if (!target) return;
  out->Key(name);
  out->BeginObject();
  WriteTarget(out, *target);
  out->EndObject();
}

}  // namespace

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

void WriteAlias(JsonWriter* out, const engine::Alias& alias) {
  out->BeginObject();
  out->Field("alias", alias.name);
  WriteTarget(out, alias.target);
  out->EndObject();
}

void WriteAliasMove(JsonWriter* out, const engine::AliasMove& move) {
  out->BeginObject();
  WriteMember(out, "from", move.from);
  WriteMember(out, "to", move.to);
  out->Field("wall_ms", static_cast<uint64_t>(move.wall_ms));
  WriteText(out, "principal", move.principal);
  out->EndObject();
}

}  // namespace lineal::server
