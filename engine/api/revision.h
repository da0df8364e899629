// Versions of a collection, as plain data. A revision is a cut through its shards that a mark in each of their logs
// makes; a tag is a name for one, which keeps it readable.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/deadline.h"
#include "base/ids.h"
#include "engine/api/origin.h"

namespace lineal::engine {

struct Revision {
  uint64_t number = 0;  // from 1 on, in the order of their making
  int64_t created_ms = 0;
  std::string message;
  std::string author;
  uint64_t points = 0;
  std::vector<Seq> seqs;  // one a shard
  std::vector<std::string> tags;
  uint64_t redacted = 0;  // points that it had and that were erased since
  bool readable = false;  // within the history window, or at or after a tag
};

// Of letters, digits and "._-", at most 128, no number and no time: what an `as_of` may say besides.
absl::Status ValidateTagName(const std::string& name);

// What `as_of` names: a revision's number, a tag, or an RFC 3339 time; empty for now.
struct DiffRequest {
  std::string from, to;
  uint64_t limit = 100;  // points named at most
  Deadline deadline;
};

enum class PointChange { kAdded, kRemoved, kVectors, kPayload, kOrigin };
std::string_view NameOf(PointChange change);

// Puts points back to an earlier state; a change like any other, so that what is undone can still be read.
struct RollbackRequest {
  std::string to;   // as `as_of`: all points; or else
  std::string run;  // those that it changed last, as they were before it changed them
  bool dry_run = false;
  std::string message, author;
  Deadline deadline;
};
struct RollbackResult {
  uint64_t restored = 0, removed = 0;
  uint64_t kept = 0;  // that the run changed, and others after it
  Revision revision;  // of the state after it; number 0 for a dry run, or when there was nothing to do
};

struct RevisionDiff {
  // Points by what changed most of them: vectors before payload before where they come from.
  uint64_t added = 0, removed = 0, vectors = 0, payload = 0, origin = 0;
  uint64_t redacted = 0;  // rows that began or ended between the two and were erased: nothing else is said of them
  struct Group {
    SourceVersion source;  // of the later state, or of the earlier one if it is gone; without a version
    std::string run, space;
    uint64_t added = 0, removed = 0, changed = 0;
  };
  std::vector<Group> groups;  // most changes first
  std::vector<std::pair<PointId, PointChange>> points;
};

}  // namespace lineal::engine
