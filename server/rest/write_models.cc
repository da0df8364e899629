#include "server/rest/write_models.h"

namespace lineal::server {
namespace {

void WriteText(JsonWriter* out, std::string_view name, const std::string& text) {
  if (!text.empty()) out->Field(name, text);
}

void WriteTags(JsonWriter* out, const engine::ModelTags& tags) {
  out->Key("tags");
  out->BeginObject();
  for (const auto& [key, value] : tags) out->Field(key, value);
  out->EndObject();
}

void WriteTimes(JsonWriter* out, int64_t created_ms, int64_t updated_ms) {
  out->Field("created_ms", static_cast<uint64_t>(created_ms));
  out->Field("updated_ms", static_cast<uint64_t>(updated_ms));
}

}  // namespace

void WriteModel(JsonWriter* out, const engine::RegisteredModel& model) {
  out->BeginObject();
  out->Field("name", model.name);
  WriteText(out, "description", model.description);
  WriteTags(out, model.tags);
  out->Key("aliases");
  out->BeginObject();
  for (const auto& [alias, number] : model.aliases) out->Field(alias, number);
  out->EndObject();
  WriteTimes(out, model.created_ms, model.updated_ms);
  out->EndObject();
}

void WriteModelVersion(JsonWriter* out, const engine::ModelVersion& version) {
  out->BeginObject();
  out->Field("model", version.id.model);
  out->Field("version", version.id.number);
  out->Field("state", engine::NameOf(version.state));
  WriteText(out, "reason", version.state_message);
  out->Field("stage", engine::NameOf(version.stage));
  WriteText(out, "description", version.description);
  out->Field("source", version.source);
  WriteText(out, "location", version.location);
  WriteText(out, "run_id", version.run_id);
  WriteText(out, "run_link", version.run_link);
  WriteText(out, "model_id", version.model_id);
  WriteTags(out, version.tags);
  out->Key("aliases");
  out->BeginArray();
  for (const std::string& alias : version.aliases) out->String(alias);
  out->EndArray();
  WriteTimes(out, version.created_ms, version.updated_ms);
  out->EndObject();
}

void WriteAliasMove(JsonWriter* out, const engine::ModelAliasMove& move) {
  out->BeginObject();
  if (move.from != 0) out->Field("from", move.from);
  if (move.to != 0) out->Field("to", move.to);
  out->Field("wall_ms", static_cast<uint64_t>(move.wall_ms));
  WriteText(out, "principal", move.principal);
  out->EndObject();
}

}  // namespace lineal::server
