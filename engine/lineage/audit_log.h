// What happened to the things that others rely on (models, spaces, aliases, tags, erasures), in the order it happened,
// as the leaves of a Merkle tree. An entry is durable with the change it tells of, or neither is; its leaf has the
// digests of the records that changed, so that a record that was altered behind the log's back is found.
//
// Threads: any. One commit at a time.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "engine/lineage/audit_records.h"
#include "engine/payload/value.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

struct AuditEntry {
  std::string kind;       // "model.register", "alias.set"
  std::string subject;    // what it happened to; names that may stay for ever
  std::string principal;  // who was authorized; empty when nobody had to be
  Value body;             // an object: what is true from now on
};

class AuditLog {
 public:
  // Both outlive this.
  AuditLog(storage::MetaStore* meta, const Clock* clock) : meta_(meta), clock_(clock) {}

  // As MetaStore::Apply, of `changes` and the entries. The last entry is the one that stands for the changes. A key
  // that was once changed with an entry is always changed with one: without entries nothing is said of the changes.
  absl::Status Commit(const std::vector<AuditEntry>& entries, std::vector<storage::MetaStore::Change> changes);
  // Says in the log that `key` signs from now on, unless it does already.
  absl::Status CommitKey(const std::string& key, const AuditEntry& entry);

  // Of what is committed.
  absl::StatusOr<AuditHead> Head();
  struct Root {
    AuditHead head;
    Digest root{};
  };
  absl::StatusOr<Root> CurrentRoot();

 private:
  class Batch;

  // With the mutex held.
  absl::Status Load();
  absl::Status Write(Batch batch);
  absl::Status Begin(Batch* batch);

  storage::MetaStore* const meta_;
  const Clock* const clock_;
  std::mutex mutex_;
  bool loaded_ = false;
  bool in_doubt_ = false;  // whether the last commit took place
  AuditHead head_;
  MerkleFrontier tree_;
};

}  // namespace lineal::engine
