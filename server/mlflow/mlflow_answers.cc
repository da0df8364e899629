#include "server/mlflow/mlflow_answers.h"

#include "base/strings.h"

namespace lineal::server::mlflow {
namespace {

using engine::Value;
using engine::VersionState;

void SetText(Value* out, std::string_view name, const std::string& text) {
  if (!text.empty()) out->Set(name, Value(text));
}

void SetTags(Value* out, const engine::ModelTags& tags) {
  if (tags.empty()) return;
  Value::Array list;
  for (const auto& [key, text] : tags) {
    list.push_back(Value(Value::Object{{"key", Value(key)}, {"value", Value(text)}}));
  }
  out->Set("tags", Value(std::move(list)));
}

std::string VersionText(uint64_t number) { return StrCat(number); }

// MLflow knows three states: what is withdrawn is not ready, what is deprecated is.
const char* StatusOf(VersionState state) {
  switch (state) {
    case VersionState::kPending:
      return "PENDING_REGISTRATION";
    case VersionState::kReady:
    case VersionState::kDeprecated:
      return "READY";
    case VersionState::kFailed:
    case VersionState::kWithdrawn:
      return "FAILED_REGISTRATION";
  }
  return "FAILED_REGISTRATION";
}

std::string StatusMessage(const engine::ModelVersion& version) {
  if (version.state != VersionState::kDeprecated && version.state != VersionState::kWithdrawn) {
    return version.state_message;
  }
  if (version.state_message.empty()) return std::string(NameOf(version.state));
  return StrCat(NameOf(version.state), ": ", version.state_message);
}

}  // namespace

Value Wrapped(std::string_view name, Value value) {
  return Value(Value::Object{{std::string(name), std::move(value)}});
}

Value AnswerOf(const engine::ModelVersion& version) {
  Value out = Value::EmptyObject();
  out.Set("name", Value(version.id.model));
  out.Set("version", Value(VersionText(version.id.number)));
  out.Set("creation_timestamp", Value(version.created_ms));
  out.Set("last_updated_timestamp", Value(version.updated_ms));
  out.Set("current_stage", Value(std::string(NameOf(version.stage))));
  out.Set("status", Value(StatusOf(version.state)));
  SetText(&out, "status_message", StatusMessage(version));
  SetText(&out, "description", version.description);
  SetText(&out, "source", version.source);
  SetText(&out, "run_id", version.run_id);
  SetText(&out, "run_link", version.run_link);
  SetText(&out, "model_id", version.model_id);
  SetTags(&out, version.tags);
  Value::Array aliases;
  for (const std::string& alias : version.aliases) aliases.push_back(Value(alias));
  if (!aliases.empty()) out.Set("aliases", Value(std::move(aliases)));
  return out;
}

Value AnswerOf(const std::vector<engine::ModelVersion>& versions) {
  Value::Array list;
  for (const engine::ModelVersion& version : versions) list.push_back(AnswerOf(version));
  return Value(std::move(list));
}

Value AnswerOf(const engine::RegisteredModel& model, const std::vector<engine::ModelVersion>& latest) {
  Value out = Value::EmptyObject();
  out.Set("name", Value(model.name));
  out.Set("creation_timestamp", Value(model.created_ms));
  out.Set("last_updated_timestamp", Value(model.updated_ms));
  SetText(&out, "description", model.description);
  SetTags(&out, model.tags);
  if (!latest.empty()) out.Set("latest_versions", AnswerOf(latest));
  Value::Array aliases;
  for (const auto& [alias, number] : model.aliases) {
    aliases.push_back(Value(Value::Object{{"alias", Value(alias)}, {"version", Value(VersionText(number))}}));
  }
  if (!aliases.empty()) out.Set("aliases", Value(std::move(aliases)));
  return out;
}

}  // namespace lineal::server::mlflow
