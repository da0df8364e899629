#include "server/rest/write_lineage.h"

#include "server/rest/write_points.h"

namespace lineal::server {
namespace {

void WriteText(JsonWriter* out, std::string_view name, const std::string& text) {
  if (!text.empty()) out->Field(name, text);
}

void WriteContext(JsonWriter* out, const engine::IngestContext& context) {
  WriteText(out, "run", context.run);
  WriteText(out, "transform", context.transform);
  WriteText(out, "space", context.space);
  WriteText(out, "dataset", context.dataset);
  WriteText(out, "principal", context.principal);
  WriteText(out, "endpoint", context.endpoint);
}

}  // namespace

void WriteSession(JsonWriter* out, const engine::IngestSession& session) {
  out->BeginObject();
  out->Field("id", session.id);
  out->Field("state", engine::NameOf(session.state));
  WriteText(out, "job", session.job);
  WriteContext(out, session.context);
  if (!session.parameters.is_null()) {
    out->Key("parameters");
    out->Value(session.parameters);
  }
  out->Field("opened_ms", static_cast<uint64_t>(session.opened_ms));
  if (session.closed_ms != 0) out->Field("closed_ms", static_cast<uint64_t>(session.closed_ms));
  out->EndObject();
}

void WriteOrigin(JsonWriter* out, const engine::PointOrigin& origin) {
  out->BeginObject();
  out->Field("version", origin.version);
  if (origin.died != 0) out->Field("ended", origin.died);
  out->Field("change", origin.payload_only ? "payload" : "point");
  out->Field("attributed", origin.context.attributed());
  WriteContext(out, origin.context);
  if (origin.source) {
    out->Key("source");
    out->BeginObject();
    WriteText(out, "namespace", origin.source->source.source_namespace);
    out->Field("name", origin.source->source.name);
    WriteText(out, "version", origin.source->source.version);
    out->Field("ordinal", origin.source->ordinal);
    out->EndObject();
  }
  out->EndObject();
}

void WriteOriginPage(JsonWriter* out, const engine::OriginPage& page) {
  out->BeginObject();
  out->Key("points");
  out->BeginArray();
  for (const auto& [id, origin] : page.points) {
    out->BeginObject();
    out->Key("id");
    WritePointId(out, id);
    out->Key("origin");
    WriteOrigin(out, origin);
    out->EndObject();
  }
  out->EndArray();
  out->Key("next_page_offset");
  if (page.next.empty()) {
    out->Null();
  } else {
    out->String(page.next);
  }
  out->EndObject();
}

void WriteOriginCounts(JsonWriter* out, const std::vector<engine::ContextCount>& counts) {
  uint64_t points = 0, unattributed = 0;
  out->BeginObject();
  out->Key("contexts");
  out->BeginArray();
  for (const engine::ContextCount& count : counts) {
    points += count.points;
    if (!count.context.attributed()) unattributed += count.points;
    if (count.context == engine::IngestContext()) continue;
    out->BeginObject();
    WriteContext(out, count.context);
    out->Field("points", count.points);
    out->EndObject();
  }
  out->EndArray();
  out->Field("points", points);
  out->Field("unattributed", unattributed);
  out->EndObject();
}

void WriteRevision(JsonWriter* out, const engine::Revision& revision) {
  out->BeginObject();
  out->Field("revision", revision.number);
  out->Field("created_ms", static_cast<uint64_t>(revision.created_ms));
  if (!revision.message.empty()) out->Field("message", revision.message);
  if (!revision.author.empty()) out->Field("author", revision.author);
  out->Field("points", revision.points);
  out->Field("readable", revision.readable);
  if (revision.redacted > 0) out->Field("redacted", revision.redacted);
  out->Key("tags");
  out->BeginArray();
  for (const std::string& tag : revision.tags) out->String(tag);
  out->EndArray();
  out->Key("as_of_seq");
  out->BeginArray();
  for (const Seq seq : revision.seqs) out->Uint(Raw(seq));
  out->EndArray();
  out->EndObject();
}

void WriteDiff(JsonWriter* out, const engine::RevisionDiff& diff) {
  out->BeginObject();
  out->Field("added", diff.added);
  out->Field("removed", diff.removed);
  out->Field("vectors", diff.vectors);
  out->Field("payload", diff.payload);
  out->Field("origin", diff.origin);
  if (diff.redacted > 0) out->Field("redacted", diff.redacted);
  out->Key("groups");
  out->BeginArray();
  for (const auto& group : diff.groups) {
    out->BeginObject();
    WriteText(out, "namespace", group.source.source_namespace);
    WriteText(out, "source", group.source.name);
    WriteText(out, "run", group.run);
    WriteText(out, "space", group.space);
    out->Field("added", group.added);
    out->Field("removed", group.removed);
    out->Field("changed", group.changed);
    out->EndObject();
  }
  out->EndArray();
  out->Key("points");
  out->BeginArray();
  for (const auto& [id, change] : diff.points) {
    out->BeginObject();
    out->Key("id");
    WritePointId(out, id);
    out->Field("change", engine::NameOf(change));
    out->EndObject();
  }
  out->EndArray();
  out->EndObject();
}

}  // namespace lineal::server
