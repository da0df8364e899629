// A collection's revisions and tags, in the catalogue under the number of its first shard, which is never given twice.
//
// Threads: one change at a time; reads from any.
#pragma once

#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/revision.h"
#include "engine/lineage/audit_log.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

class RevisionCatalogue {
 public:
  // Of the collection of that name. `meta` and `log` outlive this.
  static absl::StatusOr<std::unique_ptr<RevisionCatalogue>> Load(storage::MetaStore* meta, AuditLog* log,
                                                                 const std::string& collection, ShardId first_shard);
  // What removes all of a collection's.
  static absl::StatusOr<std::vector<storage::MetaStore::Change>> Removal(storage::MetaStore* meta, ShardId first_shard);

  uint64_t next_number() const;
  // Newest first, at most `limit`.
  std::vector<Revision> List(uint64_t limit) const;
  std::optional<Revision> Find(uint64_t number) const;
  std::optional<Revision> FindTag(const std::string& tag) const;
  std::map<std::string, uint64_t> tags() const;

  // All of it or nothing; `revision` may be null, and so may `tag`, which is then a name for revision `number`.
  // `author` is whose doing it is.
  absl::Status Add(const Revision* revision, const std::string* tag, uint64_t number, const std::string& author);
  absl::Status RemoveTag(const std::string& tag, const std::string& author);
  absl::Status RemoveRevisions(const std::vector<uint64_t>& numbers);

 private:
  RevisionCatalogue(AuditLog* log, std::string collection, std::string prefix)
      : log_(log), collection_(std::move(collection)), prefix_(std::move(prefix)) {}
  std::string RevisionKey(uint64_t number) const;
  std::string TagKey(const std::string& tag) const { return prefix_ + "t/" + tag; }
  Revision WithTags(Revision revision) const;

  AuditLog* const log_;
  const std::string collection_;
  const std::string prefix_;
  mutable std::shared_mutex mutex_;
  std::map<uint64_t, Revision> revisions_;
  std::map<std::string, uint64_t> tags_;
  uint64_t greatest_ = 0;
};

}  // namespace lineal::engine
