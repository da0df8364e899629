// OpenLineage events as we show them ourselves: what came, what could not be read, and what our own sessions say.
#include "base/base64.h"
#include "base/status.h"
#include "engine/payload/json.h"
#include "server/openlineage/facet_schemas.h"
#include "server/rest/envelope.h"
#include "server/rest/handlers.h"
#include "simdjson.h"

namespace lineal::server {
namespace {

constexpr uint64_t kListed = 100, kListedMax = 1'000;

absl::StatusOr<uint64_t> LimitOf(const RestCall& call) {
  const uint64_t limit = call.query.Number("limit", kListed);
  if (limit == 0 || limit > kListedMax) {
    return OutOfRange("limit: value ", limit, " invalid, must be from 1 to ", kListedMax);
  }
  return limit;
}

}  // namespace

absl::Status HandleListLineageEvents(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  LINEAL_ASSIGN_OR_RETURN(const uint64_t limit, LimitOf(call));
  LINEAL_ASSIGN_OR_RETURN(const auto events, lineage->open_lineage().Events(limit, call.query.Number("from", 0)));
  result->BeginObject();
  result->Key("events");
  result->BeginArray();
  for (const engine::LineageEventInfo& event : events) {
    result->BeginObject();
    result->Field("id", event.id);
    result->Field("received_ms", static_cast<uint64_t>(event.received_ms));
    result->Field("kind", event.kind);
    result->Field("type", event.type);
    result->Field("time", event.time);
    result->Field("run", event.run);
    result->Field("namespace", event.subject.name_space);
    result->Field("name", event.subject.name);
    result->Field("bytes", event.bytes);
    result->EndObject();
  }
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleGetLineageEvent(RestCall& call, JsonWriter*) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  LINEAL_ASSIGN_OR_RETURN(std::string event, lineage->open_lineage().Event(call.params[0]));
  call.whole = HttpResponse{.body = std::move(event)};
  return absl::OkStatus();
}

absl::Status HandleListLineageRejects(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  LINEAL_ASSIGN_OR_RETURN(const uint64_t limit, LimitOf(call));
  LINEAL_ASSIGN_OR_RETURN(const auto rejects, lineage->open_lineage().Rejects(limit));
  result->BeginObject();
  result->Key("rejects");
  result->BeginArray();
  for (const engine::LineageReject& reject : rejects) {
    result->BeginObject();
    result->Field("received_ms", static_cast<uint64_t>(reject.received_ms));
    result->Field("reason", reject.reason);
    if (!reject.event.empty()) result->Field("event", reject.event);
    if (reject.event.empty() && simdjson::validate_utf8(reject.body.data(), reject.body.size())) {
      result->Field("body", reject.body);
    } else if (reject.event.empty()) {
      result->Field("body_base64", Base64(reject.body));
    }
    result->EndObject();
  }
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleExportSession(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  LINEAL_ASSIGN_OR_RETURN(const engine::IngestSession session, lineage->FindSession(call.params[0]));
  LINEAL_ASSIGN_OR_RETURN(const auto events, lineage->open_lineage().EventsOfSession(session.id));
  result->BeginObject();
  result->Key("events");
  result->BeginArray();
  for (const std::string& event : events) {
    LINEAL_ASSIGN_OR_RETURN(const engine::Value value, engine::ParseJson(event, engine::kOpenLineageDepthMax));
    result->Value(value);
  }
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleFacetSchema(RestCall& call, JsonWriter*) {
  const auto schema = openlineage::FacetSchema(call.params[0]);
  if (!schema) return NotFound("No schema ", call.params[0].substr(0, 64), " found");
  call.whole = HttpResponse{.content_type = "application/schema+json", .body = std::string(*schema)};
  return absl::OkStatus();
}

}  // namespace lineal::server
