#include "server/rest/parse_erasure.h"

#include <algorithm>
#include <initializer_list>

#include "server/rest/parse_filter.h"
#include "server/rest/parse_lineage.h"

namespace lineal::server {
namespace {

absl::Status CheckMembers(const JsonObject& object, const JsonPlace& place,
                          std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object) {
    if (std::ranges::find(known, name) == known.end()) return UnsupportedAt(JsonPlace(place, name), "unknown member");
  }
  return absl::OkStatus();
}

absl::StatusOr<engine::ErasureSelector> ReadSelector(JsonElement element, const JsonPlace& place) {
  engine::ErasureSelector out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(CheckMembers(object, place, {"collection", "source", "document", "subject", "filter"}));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement collection, Require(object, "collection", place));
  LINEAL_ASSIGN_OR_RETURN(out.collection, ReadString(collection, JsonPlace(place, "collection")));
  if (const auto source = Find(object, "source")) {
    const JsonPlace source_place(place, "source");
    LINEAL_ASSIGN_OR_RETURN(const engine::PointSource read, ReadPointSource(*source, source_place));
    if (!read.source.version.empty()) {
      return UnsupportedAt(JsonPlace(source_place, "version"), "a source goes in all versions; say `document`");
    }
    out.source = read.source;
  }
  if (const auto document = Find(object, "document")) {
    LINEAL_ASSIGN_OR_RETURN(const engine::PointSource read, ReadPointSource(*document, JsonPlace(place, "document")));
    out.document = read.source;
  }
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "subject", place, ReadString, &out.subject));
  if (const auto filter = Find(object, "filter")) {
    LINEAL_ASSIGN_OR_RETURN(out.filter, ReadFilter(*filter, JsonPlace(place, "filter")));
  }
  return out;
}

}  // namespace

absl::StatusOr<engine::ErasureRequest> ReadErasureRequest(JsonElement element, const JsonPlace& place) {
  engine::ErasureRequest out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(CheckMembers(object, place, {"selector", "reason", "dry_run"}));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement selector, Require(object, "selector", place));
  LINEAL_ASSIGN_OR_RETURN(out.selector, ReadSelector(selector, JsonPlace(place, "selector")));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "reason", place, ReadString, &out.reason));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "dry_run", place, ReadBool, &out.dry_run));
  return out;
}

}  // namespace lineal::server
