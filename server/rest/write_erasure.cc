#include "server/rest/write_erasure.h"

namespace lineal::server {
namespace {

void WriteTime(JsonWriter* out, std::string_view name, int64_t time_ms) {
  if (time_ms != 0) out->Field(name, static_cast<uint64_t>(time_ms));
}

void WritePlace(JsonWriter* out, const engine::ErasurePlace& place) {
  out->BeginObject();
  out->Field("place", place.place);
  out->Field("status", NameOf(place.status));
  if (place.count > 0) out->Field("count", place.count);
  if (!place.detail.empty()) out->Field("detail", place.detail);
  WriteTime(out, "time_ms", place.time_ms);
  out->EndObject();
}

}  // namespace

void WriteErasure(JsonWriter* out, const engine::Erasure& erasure) {
  out->BeginObject();
  if (!erasure.id.empty()) out->Field("id", erasure.id);
  out->Field("state", NameOf(erasure.state));
  if (!erasure.problem.empty()) out->Field("problem", erasure.problem);
  out->Field("selected_by", erasure.selected_by);
  out->Field("reason", erasure.reason);
  out->Field("principal", erasure.principal);
  WriteTime(out, "created_ms", erasure.created_ms);
  WriteTime(out, "done_ms", erasure.done_ms);
  out->Field("commitment", erasure.commitment);
  out->Key("collections");
  out->BeginArray();
  out->BeginObject();
  out->Field("collection", erasure.collection);
  out->Field("live_rows", erasure.live_rows);
  out->Field("history_rows", erasure.history_rows);
  out->Key("tags");
  out->BeginArray();
  for (const engine::ErasedTag& tag : erasure.tags) {
    out->BeginObject();
    out->Field("tag", tag.tag);
    out->Field("revision", tag.revision);
    out->Field("redacted", tag.points);
    out->EndObject();
  }
  out->EndArray();
  out->EndObject();
  out->EndArray();
  out->Key("backups");
  out->BeginArray();
  for (const engine::KnownBackup& backup : erasure.backups) {
    out->BeginObject();
    out->Field("directory", backup.directory);
    WriteTime(out, "created_ms", backup.created_ms);
    out->EndObject();
  }
  out->EndArray();
  out->Key("places");
  out->BeginArray();
  for (const engine::ErasurePlace& place : erasure.places) WritePlace(out, place);
  out->EndArray();
  out->EndObject();
}

}  // namespace lineal::server
