#include "engine/database/erasure_records.h"

#include "base/status.h"
#include "base/uuid.h"
#include "engine/lineage/lineage_keys.h"
#include "engine/lineage/record_members.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

std::string BackupPrefix() { return LineagePrefix("backup"); }

template <class T, class Encode>
Value ListOf(const std::vector<T>& items, const Encode& encode) {
  Value::Array list;
  for (const T& item : items) {
    Value line = Value::EmptyObject();
    encode(item, &line);
    list.push_back(std::move(line));
  }
  return Value(std::move(list));
}

template <class Visit>
void ForEachOf(const Value& root, std::string_view key, const Visit& visit) {
  const Value* list = root.Find(key);
  if (list == nullptr || !list->is_array()) return;
  for (const Value& item : list->array()) visit(item);
}

uint64_t CountMember(const Value& root, std::string_view key) { return static_cast<uint64_t>(NumberMember(root, key)); }

Value CountsOf(const Erasure& erasure) {
  Value root = Value::EmptyObject();
  root.Set("collection", Value(erasure.collection));
  root.Set("selected_by", Value(erasure.selected_by));
  root.Set("live_rows", Value::Unsigned(erasure.live_rows));
  root.Set("history_rows", Value::Unsigned(erasure.history_rows));
  root.Set("commitment", Value(erasure.commitment));
  return root;
}

}  // namespace

std::string ErasurePrefix() { return LineagePrefix("erasure"); }

storage::MetaStore::Change ErasureChange(const Erasure& erasure) {
  Value root = CountsOf(erasure);
  root.Set("reason", Value(erasure.reason));
  root.Set("principal", Value(erasure.principal));
  root.Set("state", Value(std::string(NameOf(erasure.state))));
  root.Set("created_ms", Value(erasure.created_ms));
  root.Set("done_ms", Value(erasure.done_ms));
  root.Set("tags", ListOf(erasure.tags, [](const ErasedTag& tag, Value* line) {
             line->Set("tag", Value(tag.tag));
             line->Set("revision", Value::Unsigned(tag.revision));
             line->Set("points", Value::Unsigned(tag.points));
           }));
  root.Set("backups", ListOf(erasure.backups, [](const KnownBackup& backup, Value* line) {
             line->Set("directory", Value(backup.directory));
             line->Set("created_ms", Value(backup.created_ms));
           }));
  root.Set("places", ListOf(erasure.places, [](const ErasurePlace& place, Value* line) {
             line->Set("place", Value(place.place));
             line->Set("status", Value(std::string(NameOf(place.status))));
             line->Set("count", Value::Unsigned(place.count));
             line->Set("detail", Value(place.detail));
             line->Set("time_ms", Value(place.time_ms));
           }));
  return {ErasurePrefix() + erasure.id, EncodePayload(root)};
}

absl::StatusOr<Erasure> DecodeErasure(const std::string& id, std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, DecodePayload(bytes));
  Erasure erasure;
  erasure.id = id;
  erasure.collection = TextMember(root, "collection");
  erasure.selected_by = TextMember(root, "selected_by");
  erasure.reason = TextMember(root, "reason");
  erasure.principal = TextMember(root, "principal");
  const std::string state = TextMember(root, "state");
  for (const ErasureState one : {ErasureState::kRunning, ErasureState::kDone}) {
    if (state == NameOf(one)) erasure.state = one;
  }
  erasure.created_ms = NumberMember(root, "created_ms");
  erasure.done_ms = NumberMember(root, "done_ms");
  erasure.live_rows = CountMember(root, "live_rows");
  erasure.history_rows = CountMember(root, "history_rows");
  erasure.commitment = TextMember(root, "commitment");
  ForEachOf(root, "tags", [&](const Value& line) {
    erasure.tags.push_back({TextMember(line, "tag"), CountMember(line, "revision"), CountMember(line, "points")});
  });
  ForEachOf(root, "backups", [&](const Value& line) {
    erasure.backups.push_back({TextMember(line, "directory"), NumberMember(line, "created_ms")});
  });
  ForEachOf(root, "places", [&](const Value& line) {
    ErasurePlace& place = erasure.places.emplace_back();
    place.place = TextMember(line, "place");
    const std::string status = TextMember(line, "status");
    for (const PlaceStatus one :
         {PlaceStatus::kErased, PlaceStatus::kNotPresent, PlaceStatus::kPending, PlaceStatus::kUnsupported}) {
      if (status == NameOf(one)) place.status = one;
    }
    place.count = CountMember(line, "count");
    place.detail = TextMember(line, "detail");
    place.time_ms = NumberMember(line, "time_ms");
  });
  return erasure;
}

AuditEntry ErasureEntry(const char* kind, const Erasure& erasure) {
  return {kind, erasure.id, erasure.principal, CountsOf(erasure)};
}

storage::MetaStore::Change BackupChange(const std::string& collection, const std::string& directory, int64_t wall_ms) {
  Value root = Value::EmptyObject();
  root.Set("collection", Value(collection));
  root.Set("directory", Value(directory));
  root.Set("created_ms", Value(wall_ms));
  return {BackupPrefix() + NewUuid(wall_ms), EncodePayload(root)};
}

AuditEntry BackupEntry(const std::string& collection) { return {"backup.make", collection, "", Value::EmptyObject()}; }

absl::StatusOr<std::vector<KnownBackup>> BackupsOf(storage::MetaStore* meta, const std::string& collection) {
  std::vector<KnownBackup> backups;
  absl::Status failure;
  LINEAL_RETURN_IF_ERROR(meta->List(BackupPrefix(), [&](std::string_view, std::string_view bytes) {
    const absl::StatusOr<Value> root = DecodePayload(bytes);
    failure.Update(root.status());
    if (!root.ok() || TextMember(*root, "collection") != collection) return;
    backups.push_back({TextMember(*root, "directory"), NumberMember(*root, "created_ms")});
  }));
  LINEAL_RETURN_IF_ERROR(failure);
  return backups;
}

std::vector<ErasurePlace> ReceiptOf(const Erasure& erasure, int64_t wall_ms) {
  using enum PlaceStatus;
  const auto erased_if = [](uint64_t count) { return count > 0 ? kErased : kNotPresent; };
  const uint64_t rows = erasure.live_rows + erasure.history_rows;
  uint64_t tagged = 0;
  for (const ErasedTag& tag : erasure.tags) tagged += tag.points;
  std::vector<ErasurePlace> places = {
      {"live_rows", erased_if(erasure.live_rows), erasure.live_rows, "", wall_ms},
      {"history_rows", erased_if(erasure.history_rows), erasure.history_rows, "", wall_ms},
      {"tags", erased_if(tagged), erasure.tags.size(), "what a tag lost is shown as `redacted`", wall_ms},
      {"segments", erased_if(rows), 0, "rows and vectors, graphs, lists, codes: written anew without them", wall_ms},
      {"payload_indexes", erased_if(rows), 0, "written anew with the segments", wall_ms},
      {"source_names", kErased, 0, "names that no row comes from any more", wall_ms},
      {"change_log", kErased, 0, "every entry of before was released and its files removed", wall_ms},
      {"tables", kErased, 0, "written anew, to the last level", wall_ms},
      {"blob_files", kErased, 0, "written anew", wall_ms},
      {"manifest", kErased, 0, "begun anew", wall_ms},
      {"audit_log", kNotPresent, 0, "it names no points, payloads or sources", 0},
      {"raw_lineage", kNotPresent, 0, "no events are kept", 0},
      {"receipts_of_searches", kNotPresent, 0, "none are kept; those that clients keep have ids and scores", 0},
      {"ingest_contexts", kUnsupported, 0, "names of runs, jobs and data sets are not looked into", 0},
      {"freed_disk_blocks", kUnsupported, 0, "files are removed, not overwritten", 0},
  };
  if (erasure.backups.empty()) {
    places.push_back({"backups", kNotPresent, 0, "none was made by this database; other copies are not known", 0});
  }
  for (const KnownBackup& backup : erasure.backups) {
    places.push_back({"backups", kPending, 1, StrCat("until it is removed: ", backup.directory), 0});
  }
  return places;
}

}  // namespace lineal::engine
