// Erasure, as plain data: what is to go from everywhere, whatever readers, tags and the history window would keep, and
// the receipt that says place by place what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/api/filter.h"
#include "engine/api/origin.h"

namespace lineal::engine {

inline constexpr size_t kErasureReasonMax = 1'024;
inline constexpr char kSubjectKey[] = "subject";

// One of the four. A row goes when any of its states that is kept is selected, and it goes whole.
struct ErasureSelector {
  std::string collection;                 // or an alias
  std::optional<SourceVersion> source;    // of any version; its own is not looked at
  std::optional<SourceVersion> document;  // of that version
  std::string subject;                    // the payload's `subject` is, or holds, this text
  std::optional<Filter> filter;
};
absl::Status ValidateSelector(const ErasureSelector& selector);

struct ErasureRequest {
  ErasureSelector selector;
  std::string reason;  // kept with the receipt
  std::string principal;
  bool dry_run = false;
};

enum class ErasureState { kPlanned, kRunning, kDone };
enum class PlaceStatus { kErased, kNotPresent, kPending, kUnsupported };
std::string_view NameOf(ErasureState state);
std::string_view NameOf(PlaceStatus status);

struct ErasurePlace {
  std::string place;  // "live_rows", "change_log"
  PlaceStatus status = PlaceStatus::kPending;
  uint64_t count = 0;  // of what there was; 0 where it is not counted
  std::string detail;
  int64_t time_ms = 0;  // when it was done; 0 where that is not known
};

struct ErasedTag {
  std::string tag;
  uint64_t revision = 0;
  uint64_t points = 0;  // that it had and no longer shows
};

// A copy made by Database::BackupCollection.
struct KnownBackup {
  std::string directory;
  int64_t created_ms = 0;
};

// The plan, and the receipt when it is done. It names nothing of what was erased.
struct Erasure {
  std::string id;  // a UUID; empty of a dry run
  std::string collection;
  std::string selected_by;  // "source", "document", "subject", "filter"
  std::string reason;
  std::string principal;
  ErasureState state = ErasureState::kPlanned;
  int64_t created_ms = 0;
  int64_t done_ms = 0;        // 0 until then
  uint64_t live_rows = 0;     // points
  uint64_t history_rows = 0;  // rows that were dead already
  std::string commitment;     // hex: SHA-256 of the rows' numbers, shard by shard
  std::vector<ErasedTag> tags;
  std::vector<KnownBackup> backups;
  std::vector<ErasurePlace> places;
  std::string problem;  // why it is not done yet
};

}  // namespace lineal::engine
