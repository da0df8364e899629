// Aliases of the database on one machine: where they point, how they were moved, and what is reached by them.
#include <algorithm>

#include "base/coding.h"
#include "base/status.h"
#include "engine/database/alias_record.h"
#include "engine/database/aliased_collection.h"
#include "engine/database/local_database.h"

namespace lineal::engine {
namespace {

std::string KeyOf(const std::string& alias) { return "alias/" + alias; }

}  // namespace

absl::Status LocalDatabase::LoadAliases() {
  absl::Status status;
  LINEAL_RETURN_IF_ERROR(meta_->List(KeyOf(""), [&](std::string_view key, std::string_view value) {
    const std::string alias(key.substr(KeyOf("").size()));
    absl::StatusOr<AliasTarget> target = DecodeTarget(value);
    status.Update(Annotate(target.status(), StrCat("alias `", alias, "`")));
    if (target.ok()) aliases_.emplace(alias, *std::move(target));
  }));
  LINEAL_RETURN_IF_ERROR(status);
  for (const auto& [alias, target] : aliases_) {
    const auto collection = collections_.find(target.collection);
    if (collection != collections_.end() && !target.tag.empty()) (void)collection->second->HoldTag(target.tag);
  }
  return absl::OkStatus();
}

absl::StatusOr<storage::MetaStore::Change> LocalDatabase::MoveRecord(const std::string& alias, const AliasMove& move) {
  uint64_t count = 0;
  const std::string prefix = MovePrefix(alias);
  LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view, std::string_view) { ++count; }));
  std::string key = prefix;
  PutBig64(&key, count);
  return storage::MetaStore::Change{std::move(key), EncodeAliasMove(move)};
}

absl::Status LocalDatabase::CheckTarget(AliasTarget* target) {
  const auto collection = collections_.find(target->collection);
  if (collection == collections_.end()) return NotFound("Collection `", target->collection, "` doesn't exist!");
  if (target->space.empty()) return absl::OkStatus();
  LINEAL_ASSIGN_OR_RETURN(const EmbeddingSpace space, lineage_->spaces().Find(target->space));
  target->space = space.id;
  return lineage_->CheckUsable(space);
}

absl::Status LocalDatabase::ChangeAliases(const std::vector<AliasChange>& changes, const std::string& principal) {
  std::lock_guard change_lock(change_mutex_);
  std::shared_lock reading(mutex_);
  std::map<std::string, AliasTarget> next = aliases_;
  for (const AliasChange& change : changes) {
    if (const auto* create = std::get_if<CreateAlias>(&change)) {
      LINEAL_RETURN_IF_ERROR(ValidateCollectionName(create->alias));
      AliasTarget target = create->target;
      LINEAL_RETURN_IF_ERROR(CheckTarget(&target));
      if (collections_.contains(create->alias))
        return AlreadyExists("Collection `", create->alias, "` already exists!");
      next[create->alias] = std::move(target);
    } else if (const auto* remove = std::get_if<DeleteAlias>(&change)) {
      next.erase(remove->alias);
    } else {
      const auto& rename = std::get<RenameAlias>(change);
      auto it = next.find(rename.from);
      if (it == next.end()) return NotFound("Alias ", rename.from, " does not exists!");
      LINEAL_RETURN_IF_ERROR(ValidateCollectionName(rename.to));
      if (collections_.contains(rename.to)) return AlreadyExists("Collection `", rename.to, "` already exists!");
      AliasTarget target = it->second;
      next.erase(it);
      next[rename.to] = std::move(target);
    }
  }
  std::vector<std::shared_ptr<LocalCollection>> held;  // of the tags in `next` that no alias named before
  std::vector<std::string> tags;
  std::vector<AuditEntry> entries;
  std::vector<storage::MetaStore::Change> records;
  std::vector<std::pair<std::string, AliasMove>> moves;
  for (const auto& [alias, target] : aliases_) {
    if (!next.contains(alias)) moves.push_back({alias, {.from = target, .to = std::nullopt}});
  }
  for (const auto& [alias, target] : next) {
    const auto it = aliases_.find(alias);
    if (it != aliases_.end() && it->second == target) continue;
    moves.push_back({alias, {.from = std::nullopt, .to = target}});
    if (it != aliases_.end()) moves.back().second.from = it->second;
    if (target.tag.empty()) continue;
    held.push_back(collections_.at(target.collection));
    tags.push_back(target.tag);
  }
  std::map<std::string, AliasTarget> before = aliases_;
  reading.unlock();
  for (auto& [alias, move] : moves) {
    move.wall_ms = options_.clock->WallMs();
    move.principal = principal;
    LINEAL_ASSIGN_OR_RETURN(storage::MetaStore::Change record, MoveRecord(alias, move));
    records.push_back(std::move(record));
    records.push_back({KeyOf(alias), move.to ? std::optional(EncodeTarget(*move.to)) : std::nullopt});
    entries.push_back(
        {move.to ? "alias.set" : "alias.remove", alias, principal, move.to ? ValueOf(*move.to) : Value::EmptyObject()});
  }
  if (entries.empty()) return absl::OkStatus();
  // A tag is held before the alias names it, so that it cannot go in between.
  absl::Status status;
  size_t holding = 0;
  for (; holding < held.size() && status.ok(); ++holding) status = held[holding]->HoldTag(tags[holding]);
  if (!status.ok()) --holding;
  if (status.ok()) status = lineage_->log().Commit(entries, std::move(records));
  if (!status.ok()) {
    for (size_t i = 0; i < holding; ++i) held[i]->ReleaseTag(tags[i]);
    return status;
  }
  for (const auto& [alias, move] : moves) {
    if (move.from && !move.from->tag.empty()) {
      if (const auto collection = Find(move.from->collection); collection.ok())
        (*collection)->ReleaseTag(move.from->tag);
    }
  }
  std::unique_lock writing(mutex_);
  aliases_ = std::move(next);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Alias>> LocalDatabase::ListAliases() {
  std::shared_lock lock(mutex_);
  std::vector<Alias> aliases;
  for (const auto& [name, target] : aliases_) aliases.push_back({name, target});
  return aliases;
}

absl::StatusOr<std::vector<AliasMove>> LocalDatabase::AliasMoves(const std::string& alias) {
  std::vector<AliasMove> moves;
  absl::Status status;
  LINEAL_RETURN_IF_ERROR(meta_->List(MovePrefix(alias), [&](std::string_view, std::string_view bytes) {
    absl::StatusOr<AliasMove> move = DecodeAliasMove(bytes);
    status.Update(move.status());
    if (move.ok()) moves.push_back(*std::move(move));
  }));
  LINEAL_RETURN_IF_ERROR(status);
  if (moves.empty()) return NotFound("there is and was no alias `", alias, "`");
  return moves;
}

absl::StatusOr<std::shared_ptr<Collection>> LocalDatabase::GetCollection(const std::string& name) {
  AliasTarget target;
  {
    std::shared_lock lock(mutex_);
    if (const auto alias = aliases_.find(name); alias != aliases_.end()) target = alias->second;
  }
  LINEAL_ASSIGN_OR_RETURN(std::shared_ptr<LocalCollection> collection,
                          Find(target.collection.empty() ? name : target.collection));
  if (target.tag.empty() && target.space.empty()) return std::shared_ptr<Collection>(std::move(collection));
  return std::shared_ptr<Collection>(std::make_shared<AliasedCollection>(name, target, std::move(collection)));
}

}  // namespace lineal::engine
