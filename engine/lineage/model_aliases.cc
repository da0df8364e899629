// Aliases of models, and how they moved.
#include "base/status.h"
#include "engine/lineage/model_registry.h"
#include "engine/lineage/model_rules.h"

namespace lineal::engine {
namespace {

std::string SubjectOf(const std::string& model, const std::string& alias) { return StrCat(model, "@", alias); }

Value MoveBody(uint64_t from, uint64_t to) {
  Value body = Value::EmptyObject();
  if (from != 0) body.Set("from", Value(from));
  if (to != 0) body.Set("to", Value(to));
  return body;
}

}  // namespace

storage::MetaStore::Change LocalModelRegistry::MoveAlias(ModelRecord* record, const std::string& alias, uint64_t to,
                                                         const std::string& principal) {
  auto& aliases = record->model.aliases;
  const auto found = aliases.find(alias);
  ModelAliasMove move{.to = to, .wall_ms = clock_->WallMs(), .principal = principal};
  if (found != aliases.end()) move.from = found->second;
  if (to == 0) {
    aliases.erase(alias);
  } else {
    aliases[alias] = to;
  }
  return {MoveKey(record->id, alias, ++record->last_move), EncodeMove(move)};
}

absl::Status LocalModelRegistry::PointAlias(const ModelVersionId& id, const std::string& alias,
                                            const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateAliasName(alias));
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(ModelRecord record, Load(id.model));
  LINEAL_ASSIGN_OR_RETURN(const ModelVersion target, LoadVersion(record, id.number));
  const auto found = record.model.aliases.find(alias);
  const uint64_t from = found == record.model.aliases.end() ? 0 : found->second;
  if (from == id.number) return absl::OkStatus();
  LINEAL_RETURN_IF_ERROR(CheckAliasPolicy(record.model, alias, target));
  if (from == 0 && record.model.aliases.size() >= kModelTagsMax) {
    return InvalidArgument("alias ", alias, " is one too many, the limit is ", kModelTagsMax);
  }
  storage::MetaStore::Change moved = MoveAlias(&record, alias, id.number, principal);
  return Commit({"alias.move", SubjectOf(id.model, alias), principal, MoveBody(from, id.number)},
                {std::move(moved), {ModelKey(id.model), EncodeModel(record)}});
}

absl::Status LocalModelRegistry::RemoveAlias(const std::string& model, const std::string& alias,
                                             const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateAliasName(alias));
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(ModelRecord record, Load(model));
  const auto found = record.model.aliases.find(alias);
  if (found == record.model.aliases.end()) return absl::OkStatus();
  const uint64_t from = found->second;
  storage::MetaStore::Change moved = MoveAlias(&record, alias, 0, principal);
  return Commit({"alias.remove", SubjectOf(model, alias), principal, MoveBody(from, 0)},
                {std::move(moved), {ModelKey(model), EncodeModel(record)}});
}

absl::StatusOr<std::optional<ModelVersion>> LocalModelRegistry::FindByAlias(const std::string& model,
                                                                            const std::string& alias) {
  LINEAL_ASSIGN_OR_RETURN(const ModelRecord record, Load(model));
  const auto found = record.model.aliases.find(alias);
  if (found == record.model.aliases.end()) return std::nullopt;
  LINEAL_ASSIGN_OR_RETURN(std::optional<ModelVersion> version, LoadVersion(record, found->second));
  return version;
}

absl::StatusOr<std::vector<ModelAliasMove>> LocalModelRegistry::AliasMoves(const std::string& model,
                                                                           const std::string& alias) {
  LINEAL_RETURN_IF_ERROR(ValidateAliasName(alias));
  LINEAL_ASSIGN_OR_RETURN(const ModelRecord record, Load(model));
  std::vector<ModelAliasMove> moves;
  absl::Status bad;
  LINEAL_RETURN_IF_ERROR(meta_->List(MovePrefix(record.id, alias), [&](std::string_view, std::string_view bytes) {
    auto move = DecodeMove(bytes);
    bad.Update(move.status());
    if (move.ok()) moves.push_back(*std::move(move));
  }));
  LINEAL_RETURN_IF_ERROR(bad);
  return moves;
}

}  // namespace lineal::engine
