// Versions of models, their stages and states.
#include <algorithm>

#include "base/status.h"
#include "engine/lineage/lineage_keys.h"
#include "engine/lineage/model_registry.h"
#include "engine/lineage/model_rules.h"
#include "engine/lineage/model_search.h"

namespace lineal::engine {
namespace {

absl::Status NoSuchVersion(const ModelVersionId& id) {
  return NotFound("Model Version (name=", id.model, ", version=", id.number, ") not found");
}

// What entries of the audit log call a version: a model's name has no slash.
std::string SubjectOf(const ModelVersionId& id) { return StrCat(id.model, "/", id.number); }

Value RegisteredBody(const ModelVersion& version) {
  Value body = Value::EmptyObject();
  body.Set("source", Value(version.source));
  body.Set("run_id", Value(version.run_id));
  body.Set("state", Value(std::string(NameOf(version.state))));
  body.Set("tags", TagsValue(version.tags));
  return body;
}

}  // namespace

absl::StatusOr<ModelVersion> LocalModelRegistry::LoadVersion(const ModelRecord& of, uint64_t number) {
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(VersionKey(of.id, number)));
  if (!bytes) return NoSuchVersion(of.VersionId(number));
  return DecodeVersion(of, number, *bytes);
}

absl::StatusOr<std::vector<ModelVersion>> LocalModelRegistry::LoadVersions(const ModelRecord& of) {
  std::vector<ModelVersion> versions;
  absl::Status bad;
  const size_t fixed = LineagePrefix("model_version").size();
  LINEAL_RETURN_IF_ERROR(meta_->List(VersionPrefix(of.id), [&](std::string_view key, std::string_view bytes) {
    auto version = DecodeVersion(of, PlaceOfVersion(key.substr(fixed)).number, bytes);
    if (version.ok()) {
      versions.push_back(*std::move(version));
    } else {
      bad.Update(version.status());
    }
  }));
  LINEAL_RETURN_IF_ERROR(bad);
  return versions;
}

absl::StatusOr<ModelVersion> LocalModelRegistry::CreateVersion(const ModelVersion& wanted,
                                                               const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateNewVersion(wanted));
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(ModelRecord record, Load(wanted.id.model));
  ModelVersion version = wanted;
  version.id = record.VersionId(++record.last_version);
  version.state = version.tags.contains(kEndpointTag) ? VersionState::kPending : VersionState::kReady;
  version.state_message.clear();
  version.stage = ModelStage::kNone;
  version.aliases.clear();
  version.created_ms = version.updated_ms = record.model.updated_ms = clock_->WallMs();
  LINEAL_RETURN_IF_ERROR(Commit({"model_version.register", SubjectOf(version.id), principal, RegisteredBody(version)},
                                {{ModelKey(version.id.model), EncodeModel(record)},
                                 {VersionKey(record.id, version.id.number), EncodeVersion(version)}}));
  return version;
}

absl::StatusOr<ModelVersion> LocalModelRegistry::FindVersion(const ModelVersionId& id) {
  const auto record = Load(id.model);
  if (absl::IsNotFound(record.status())) return NoSuchVersion(id);
  LINEAL_RETURN_IF_ERROR(record.status());
  return LoadVersion(*record, id.number);
}

absl::StatusOr<std::vector<ModelVersion>> LocalModelRegistry::LatestVersions(const std::string& model,
                                                                             const std::vector<ModelStage>& stages) {
  LINEAL_ASSIGN_OR_RETURN(const ModelRecord record, Load(model));
  LINEAL_ASSIGN_OR_RETURN(std::vector<ModelVersion> versions, LoadVersions(record));
  std::vector<ModelVersion> latest;
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    const ModelStage stage = version->stage;
    if (!stages.empty() && std::ranges::count(stages, stage) == 0) continue;
    if (std::ranges::count(latest, stage, &ModelVersion::stage) == 0) latest.push_back(std::move(*version));
  }
  return latest;
}

absl::StatusOr<ModelVersion> LocalModelRegistry::DescribeVersion(const ModelVersionId& id,
                                                                 const std::string& description,
                                                                 const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateModelText("description", description));
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(const ModelRecord record, Load(id.model));
  LINEAL_ASSIGN_OR_RETURN(ModelVersion version, LoadVersion(record, id.number));
  version.description = description;
  version.updated_ms = clock_->WallMs();
  Value body = Value::EmptyObject();
  body.Set("description", Value(description));
  LINEAL_RETURN_IF_ERROR(Commit({"model_version.describe", SubjectOf(id), principal, std::move(body)},
                                {{VersionKey(record.id, id.number), EncodeVersion(version)}}));
  return version;
}

absl::Status LocalModelRegistry::ChangeVersionTag(const ModelVersionId& id, const TagChange& change,
                                                  const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateTag(change.key, change.value.value_or("")));
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(const ModelRecord record, Load(id.model));
  LINEAL_ASSIGN_OR_RETURN(ModelVersion version, LoadVersion(record, id.number));
  LINEAL_ASSIGN_OR_RETURN(const bool changed, ApplyTagChange(change, &version.tags));
  if (!changed) return absl::OkStatus();
  return Commit(
      {change.value ? "model_version.tag" : "model_version.untag", SubjectOf(id), principal, TagValue(change)},
      {{VersionKey(record.id, id.number), EncodeVersion(version)}});
}

absl::StatusOr<ModelVersion> LocalModelRegistry::MoveToStage(const ModelVersionId& id, const StageMove& move,
                                                             const std::string& principal) {
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(ModelRecord record, Load(id.model));
  LINEAL_ASSIGN_OR_RETURN(ModelVersion version, LoadVersion(record, id.number));
  LINEAL_RETURN_IF_ERROR(CheckStage(version, move.stage));
  const int64_t now = clock_->WallMs();
  Changes changes;
  Value::Array archived;
  if (move.archive_others) {
    LINEAL_ASSIGN_OR_RETURN(std::vector<ModelVersion> others, LoadVersions(record));
    for (ModelVersion& other : others) {
      if (other.stage != move.stage || other.id == id) continue;
      other.stage = ModelStage::kArchived;
      other.updated_ms = now;
      archived.push_back(Value(other.id.number));
      changes.push_back({VersionKey(record.id, other.id.number), EncodeVersion(other)});
    }
  }
  Value body = Value::EmptyObject();
  body.Set("from", Value(std::string(NameOf(version.stage))));
  body.Set("to", Value(std::string(NameOf(move.stage))));
  body.Set("archived", Value(std::move(archived)));
  version.stage = move.stage;
  version.updated_ms = record.model.updated_ms = now;
  changes.push_back({VersionKey(record.id, id.number), EncodeVersion(version)});
  changes.push_back({ModelKey(id.model), EncodeModel(record)});
  LINEAL_RETURN_IF_ERROR(
      Commit({"model_version.stage", SubjectOf(id), principal, std::move(body)}, std::move(changes)));
  return version;
}

absl::Status LocalModelRegistry::DeleteVersion(const ModelVersionId& id, const std::string& principal) {
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(ModelRecord record, Load(id.model));
  LINEAL_ASSIGN_OR_RETURN(const ModelVersion version, LoadVersion(record, id.number));
  LINEAL_RETURN_IF_ERROR(CheckDeletion(version));
  Changes changes = {{VersionKey(record.id, id.number), std::nullopt}};
  Value::Array aliases;
  for (const std::string& alias : version.aliases) {
    aliases.push_back(Value(alias));
    changes.push_back(MoveAlias(&record, alias, 0, principal));
  }
  record.model.updated_ms = clock_->WallMs();
  changes.push_back({ModelKey(id.model), EncodeModel(record)});
  Value body = Value::EmptyObject();
  body.Set("aliases", Value(std::move(aliases)));
  return Commit({"model_version.delete", SubjectOf(id), principal, std::move(body)}, std::move(changes));
}

absl::StatusOr<ModelPage<ModelVersion>> LocalModelRegistry::SearchVersions(const ModelQuery& query) {
  std::vector<ModelVersion> matched;
  std::map<std::string, ModelRecord, std::less<>> models;  // by id
  std::string prefix = VersionPrefix("");
  absl::Status bad;
  if (const auto name = OnlyName(query)) {
    auto record = Load(*name);
    if (absl::IsNotFound(record.status())) return ModelPage<ModelVersion>();
    LINEAL_RETURN_IF_ERROR(record.status());
    prefix = VersionPrefix(record->id);
    models.emplace(record->id, *std::move(record));
  } else {
    const std::string model_prefix = ModelKey("");
    LINEAL_RETURN_IF_ERROR(meta_->List(model_prefix, [&](std::string_view key, std::string_view bytes) {
      auto record = DecodeModel(key.substr(model_prefix.size()), bytes);
      bad.Update(record.status());
      if (record.ok()) models.emplace(record->id, *std::move(record));
    }));
    prefix = LineagePrefix("model_version");
  }
  const size_t fixed = LineagePrefix("model_version").size();
  LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view bytes) {
    const VersionPlace place = PlaceOfVersion(key.substr(fixed));
    const auto of = models.find(place.model_id);
    if (of == models.end()) return;  // its model came or went meanwhile
    auto version = DecodeVersion(of->second, place.number, bytes);
    bad.Update(version.status());
    if (version.ok() && Matches(query, *version)) matched.push_back(*std::move(version));
  }));
  LINEAL_RETURN_IF_ERROR(bad);
  return TakePage(query, std::move(matched));
}

absl::StatusOr<ModelVersion> LocalModelRegistry::ChangeState(const ModelVersionId& id, VersionState state,
                                                             const std::string& message, AuditEntry entry) {
  LINEAL_ASSIGN_OR_RETURN(const ModelRecord record, Load(id.model));
  LINEAL_ASSIGN_OR_RETURN(ModelVersion version, LoadVersion(record, id.number));
  if (version.state == state && version.state_message == message) return version;
  LINEAL_RETURN_IF_ERROR(CheckTransition(version, state));
  entry.subject = SubjectOf(id);
  entry.body = Value::EmptyObject();
  entry.body.Set("from", Value(std::string(NameOf(version.state))));
  entry.body.Set("to", Value(std::string(NameOf(state))));
  entry.body.Set("reason", Value(message));
  version.state = state;
  version.state_message = message;
  version.updated_ms = clock_->WallMs();
  LINEAL_RETURN_IF_ERROR(Commit(std::move(entry), {{VersionKey(record.id, id.number), EncodeVersion(version)}}));
  return version;
}

absl::StatusOr<ModelVersion> LocalModelRegistry::SetState(const ModelVersionId& id, VersionState state,
                                                          const std::string& message, const std::string& principal) {
  if (state == VersionState::kWithdrawn) return InvalidArgument("a version is withdrawn by Withdraw");
  LINEAL_RETURN_IF_ERROR(ValidateModelText("message", message));
  std::lock_guard lock(change_mutex_);
  return ChangeState(id, state, message, {.kind = "model_version.state", .principal = principal});
}

absl::StatusOr<ModelVersion> LocalModelRegistry::Withdraw(const ModelVersionId& id, const std::string& reason,
                                                          const std::string& principal) {
  if (reason.empty()) return InvalidArgument("a version is withdrawn for a reason: `reason` is empty");
  LINEAL_RETURN_IF_ERROR(ValidateModelText("reason", reason));
  std::lock_guard lock(change_mutex_);
  return ChangeState(id, VersionState::kWithdrawn, reason, {.kind = "model_version.withdraw", .principal = principal});
}

}  // namespace lineal::engine
