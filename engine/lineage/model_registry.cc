#include "engine/lineage/model_registry.h"

#include "base/status.h"
#include "base/uuid.h"
#include "engine/lineage/lineage_keys.h"
#include "engine/lineage/model_rules.h"
#include "engine/lineage/model_search.h"

namespace lineal::engine {
namespace {

absl::Status NoSuchModel(const std::string& name) {
  return NotFound("Registered Model with name=", name, " not found");
}

Value NumberBody(uint64_t number) {
  Value body = Value::EmptyObject();
  body.Set("last_version", Value(number));
  return body;
}

}  // namespace

absl::StatusOr<ModelRecord> LocalModelRegistry::Load(const std::string& name) {
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(ModelKey(name)));
  if (!bytes) return NoSuchModel(name);
  return DecodeModel(name, *bytes);
}

absl::StatusOr<uint64_t> LocalModelRegistry::PastNumber(const std::string& name) {
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(PastNumberKey(name)));
  if (!bytes) return 0;
  return DecodePastNumber(*bytes);
}

absl::Status LocalModelRegistry::Commit(AuditEntry entry, Changes changes) {
  const absl::Status status = audit_->Commit({std::move(entry)}, std::move(changes));
  ++generation_;
  return status;
}

absl::StatusOr<RegisteredModel> LocalModelRegistry::CreateModel(const RegisteredModel& wanted,
                                                                const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateModelName(wanted.name));
  LINEAL_RETURN_IF_ERROR(ValidateModelText("description", wanted.description));
  LINEAL_RETURN_IF_ERROR(ValidateTags(wanted.tags));
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> present, meta_->Get(ModelKey(wanted.name)));
  if (present) return AlreadyExists("Registered Model (name=", wanted.name, ") already exists.");
  ModelRecord record;
  LINEAL_ASSIGN_OR_RETURN(record.last_version, PastNumber(wanted.name));
  record.model = wanted;
  record.model.aliases.clear();
  record.model.created_ms = record.model.updated_ms = clock_->WallMs();
  record.id = NewUuid(record.model.created_ms);
  Value body = Value::EmptyObject();
  body.Set("tags", TagsValue(wanted.tags));
  LINEAL_RETURN_IF_ERROR(Commit({"model.register", wanted.name, principal, std::move(body)},
                                {{ModelKey(wanted.name), EncodeModel(record)}}));
  return record.model;
}

absl::StatusOr<RegisteredModel> LocalModelRegistry::FindModel(const std::string& name) {
  LINEAL_ASSIGN_OR_RETURN(ModelRecord record, Load(name));
  return std::move(record.model);
}

absl::StatusOr<RegisteredModel> LocalModelRegistry::RenameModel(const std::string& name, const std::string& new_name,
                                                                const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateModelName(new_name));
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(ModelRecord record, Load(name));
  if (name == new_name) return std::move(record.model);
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> present, meta_->Get(ModelKey(new_name)));
  if (present) return AlreadyExists("Registered Model (name=", new_name, ") already exists.");
  LINEAL_ASSIGN_OR_RETURN(const uint64_t past, PastNumber(new_name));
  Changes changes = {{ModelKey(name), std::nullopt}, {PastNumberKey(name), EncodePastNumber(record.last_version)}};
  record.last_version = std::max(record.last_version, past);
  record.model.name = new_name;
  record.model.updated_ms = clock_->WallMs();
  changes.push_back({ModelKey(new_name), EncodeModel(record)});
  Value body = Value::EmptyObject();
  body.Set("new_name", Value(new_name));
  LINEAL_RETURN_IF_ERROR(Commit({"model.rename", name, principal, std::move(body)}, std::move(changes)));
  return std::move(record.model);
}

absl::StatusOr<RegisteredModel> LocalModelRegistry::DescribeModel(const std::string& name,
                                                                  const std::string& description,
                                                                  const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateModelText("description", description));
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(ModelRecord record, Load(name));
  record.model.description = description;
  record.model.updated_ms = clock_->WallMs();
  Value body = Value::EmptyObject();
  body.Set("description", Value(description));
  LINEAL_RETURN_IF_ERROR(
      Commit({"model.describe", name, principal, std::move(body)}, {{ModelKey(name), EncodeModel(record)}}));
  return std::move(record.model);
}

absl::Status LocalModelRegistry::ChangeModelTag(const std::string& name, const TagChange& change,
                                                const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateTag(change.key, change.value.value_or("")));
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(ModelRecord record, Load(name));
  LINEAL_ASSIGN_OR_RETURN(const bool changed, ApplyTagChange(change, &record.model.tags));
  if (!changed) return absl::OkStatus();
  return Commit({change.value ? "model.tag" : "model.untag", name, principal, TagValue(change)},
                {{ModelKey(name), EncodeModel(record)}});
}

absl::Status LocalModelRegistry::DeleteModel(const std::string& name, const std::string& principal) {
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(const ModelRecord record, Load(name));
  LINEAL_ASSIGN_OR_RETURN(const std::vector<ModelVersion> versions, LoadVersions(record));
  Changes changes = {{ModelKey(name), std::nullopt}, {PastNumberKey(name), EncodePastNumber(record.last_version)}};
  for (const ModelVersion& version : versions) {
    LINEAL_RETURN_IF_ERROR(CheckDeletion(version));
    changes.push_back({VersionKey(record.id, version.id.number), std::nullopt});
  }
  LINEAL_RETURN_IF_ERROR(meta_->List(MovePrefix(record.id), [&](std::string_view key, std::string_view) {
    changes.push_back({std::string(key), std::nullopt});
  }));
  return Commit({"model.delete", name, principal, NumberBody(record.last_version)}, std::move(changes));
}

absl::StatusOr<ModelPage<RegisteredModel>> LocalModelRegistry::SearchModels(const ModelQuery& query) {
  std::vector<RegisteredModel> matched;
  if (const auto name = OnlyName(query)) {
    const auto found = FindModel(*name);
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    if (found.ok() && Matches(query, *found)) matched.push_back(*found);
    return TakePage(query, std::move(matched));
  }
  const std::string prefix = ModelKey("");
  absl::Status bad;
  LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view bytes) {
    auto record = DecodeModel(key.substr(prefix.size()), bytes);
    if (!record.ok()) {
      bad.Update(record.status());
    } else if (Matches(query, record->model)) {
      matched.push_back(std::move(record->model));
    }
  }));
  LINEAL_RETURN_IF_ERROR(bad);
  return TakePage(query, std::move(matched));
}

}  // namespace lineal::engine
