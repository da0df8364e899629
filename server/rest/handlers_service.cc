#include "base/status.h"
#include "server/core/version.h"
#include "server/rest/envelope.h"
#include "server/rest/handlers.h"

namespace lineal::server {

absl::Status HandleVersion(RestCall& call, JsonWriter*) {
  JsonWriter out;
  out.BeginObject();
  out.Field("title", "qdrant - vector search engine");
  out.Field("version", kDialectVersion);
  out.Field("commit", kCommit);
  out.Field("lineal", kLinealVersion);
  out.EndObject();
  call.whole = HttpResponse{.body = out.Take()};
  return absl::OkStatus();
}

absl::Status HandleHealth(RestCall& call, JsonWriter*) {
  call.whole = TextResponse(200, "healthz check passed");
  return absl::OkStatus();
}

absl::Status HandleLive(RestCall& call, JsonWriter*) {
  call.whole = TextResponse(200, "livez check passed");
  return absl::OkStatus();
}

absl::Status HandleReady(RestCall& call, JsonWriter*) {
  const absl::Status ready = call.service->database->Ready();
  call.whole = ready.ok() ? TextResponse(200, "all shards are ready") : TextResponse(503, MessageOf(ready));
  return absl::OkStatus();
}

absl::Status HandleMetrics(RestCall& call, JsonWriter*) {
  call.whole = HttpResponse{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                            .body = call.service->metrics->Render(*call.service->database)};
  return absl::OkStatus();
}

absl::Status HandleTelemetry(RestCall& call, JsonWriter* result) {
  result->BeginObject();
  result->Field("id", "00000000-0000-0000-0000-000000000000");
  result->Key("app");
  result->BeginObject();
  result->Field("name", "qdrant");
  result->Field("version", kDialectVersion);
  result->Field("startup", call.started_at);
  result->Field("lineal", kLinealVersion);
  result->EndObject();
  result->Key("collections");
  result->BeginObject();
  const auto collections = call.service->database->ListCollections();
  result->Field("number_of_collections", uint64_t{collections.ok() ? collections->size() : 0});
  result->EndObject();
  result->Key("memory");
  result->BeginObject();
  result->Field("ledger_bytes", call.service->database->memory().total_bytes());
  result->EndObject();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleIssues(RestCall&, JsonWriter* result) {
  result->BeginObject();
  result->Key("issues");
  result->BeginArray();
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleClearIssues(RestCall&, JsonWriter* result) {
  result->Bool(true);
  return absl::OkStatus();
}

absl::Status HandleCluster(RestCall&, JsonWriter* result) {
  result->BeginObject();
  result->Field("status", "disabled");
  result->EndObject();
  return absl::OkStatus();
}

}  // namespace lineal::server
