#include "server/rest/parse_lineage.h"

#include <limits>

namespace lineal::server {
namespace {

absl::StatusOr<uint32_t> ReadOrdinal(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(const uint64_t ordinal, ReadUint(element, place));
  if (ordinal > std::numeric_limits<uint32_t>::max()) {
    return OutOfRangeAt(place, StrCat("value ", ordinal, " invalid, must be at most 4294967295"));
  }
  return static_cast<uint32_t>(ordinal);
}

absl::Status ReadContext(const JsonObject& object, const JsonPlace& place, engine::IngestContext* out) {
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "run", place, ReadString, &out->run));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "transform", place, ReadString, &out->transform));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "space", place, ReadString, &out->space));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "dataset", place, ReadString, &out->dataset));
  return ReadMember(object, "endpoint", place, ReadString, &out->endpoint);
}

}  // namespace

absl::StatusOr<engine::PointSource> ReadPointSource(JsonElement element, const JsonPlace& place) {
  engine::PointSource out;
  if (element.is_string()) {
    LINEAL_ASSIGN_OR_RETURN(out.source.name, ReadString(element, place));
    return out;
  }
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement name, Require(object, "name", place));
  LINEAL_ASSIGN_OR_RETURN(out.source.name, ReadString(name, JsonPlace(place, "name")));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "namespace", place, ReadString, &out.source.source_namespace));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "version", place, ReadString, &out.source.version));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "ordinal", place, ReadOrdinal, &out.ordinal));
  return out;
}

absl::StatusOr<engine::IngestSession> ReadSession(JsonElement element, const JsonPlace& place) {
  engine::IngestSession out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "job", place, ReadString, &out.job));
  LINEAL_RETURN_IF_ERROR(ReadContext(object, place, &out.context));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "parameters", place, ReadObjectValue, &out.parameters));
  return out;
}

absl::StatusOr<engine::SessionState> ReadCloseState(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  std::string state = "complete";
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "state", place, ReadString, &state));
  if (state == "complete") return engine::SessionState::kComplete;
  if (state == "failed") return engine::SessionState::kFailed;
  return MalformedAt(JsonPlace(place, "state"), StrCat("`", state.substr(0, 64), "` is not `complete` or `failed`"));
}

absl::StatusOr<std::string> ReadText(JsonElement element, const JsonPlace& place) {
  if (!element.is_uint64()) return ReadString(element, place);
  LINEAL_ASSIGN_OR_RETURN(const uint64_t number, ReadUint(element, place));
  return StrCat(number);
}

absl::StatusOr<engine::RollbackRequest> ReadRollback(JsonElement element, const JsonPlace& place) {
  engine::RollbackRequest out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "to", place, ReadText, &out.to));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "run", place, ReadString, &out.run));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "dry_run", place, ReadBool, &out.dry_run));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "message", place, ReadString, &out.message));
  return out;
}

absl::StatusOr<engine::DiffRequest> ReadDiffRequest(JsonElement element, const JsonPlace& place) {
  engine::DiffRequest out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "from", place, ReadText, &out.from));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "to", place, ReadText, &out.to));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "limit", place, ReadUint, &out.limit));
  return out;
}

absl::StatusOr<engine::OriginPageRequest> ReadOriginPageRequest(JsonElement element, const JsonPlace& place) {
  engine::OriginPageRequest out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(ReadContext(object, place, &out.selector.context));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "principal", place, ReadString, &out.selector.context.principal));
  if (const auto source = Find(object, "source")) {
    const JsonPlace source_place(place, "source");
    LINEAL_ASSIGN_OR_RETURN(const engine::PointSource read, ReadPointSource(*source, source_place));
    out.selector.source = read.source;
    JsonObject members;
    out.selector.any_version = source->get(members) != simdjson::SUCCESS || !Find(members, "version");
  }
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "limit", place, ReadUint, &out.limit));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "offset", place, ReadString, &out.offset));
  return out;
}

}  // namespace lineal::server
