// What happened to the things that others rely on (models, spaces, aliases, tags, erasures), in the order it happened.
// An entry is durable with the change it tells of, or neither is.
//
// Threads: any. One commit at a time.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "engine/payload/value.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

struct AuditEntry {
  std::string kind;       // "model.register", "alias.move"
  std::string subject;    // what it happened to
  std::string principal;  // who was authorized; empty when nobody had to be
  Value body;             // an object: what is true from now on
};

class AuditLog {
 public:
  // Both outlive this.
  AuditLog(storage::MetaStore* meta, const Clock* clock) : meta_(meta), clock_(clock) {}

  // As MetaStore::Apply, of `changes` and the entries.
  absl::Status Commit(const std::vector<AuditEntry>& entries, std::vector<storage::MetaStore::Change> changes);

 private:
  storage::MetaStore* const meta_;
  const Clock* const clock_;
  std::mutex mutex_;
  uint64_t next_ = 0;
};

}  // namespace lineal::engine
