#include "server/rest/openlineage_door.h"

#include "base/log.h"
#include "base/status.h"
#include "engine/payload/json.h"
#include "server/openlineage/event_batch.h"
#include "server/openlineage/openlineage_errors.h"

namespace lineal::server {
namespace {

constexpr const char* kRetryAfterS = "1";

absl::StatusOr<engine::OpenLineageStore*> StoreOf(const RestCall& call) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  return &lineage->open_lineage();
}

}  // namespace

bool IsOpenLineagePath(const std::vector<std::string>& segments) {
  return segments.size() >= 2 && segments[0] == "api" && segments[1] == "v1";
}

HttpResponse OpenLineageError(int http_status, std::string_view message) {
  HttpResponse response;
  response.status = http_status;
  response.body = openlineage::ErrorBody(http_status, message);
  if (http_status == 503) response.headers.emplace_back("Retry-After", kRetryAfterS);
  return response;
}

HttpResponse OpenLineageErrorResponse(const absl::Status& status) {
  const int http_status = openlineage::HttpStatusOf(status);
  if (http_status == 500) Log(LogLevel::kError, "a request failed", {{"error", std::string(MessageOf(status))}});
  return OpenLineageError(http_status, MessageOf(status));
}

absl::Status HandleLineageEvent(RestCall& call, JsonWriter*) {
  LINEAL_ASSIGN_OR_RETURN(engine::OpenLineageStore * store, StoreOf(call));
  LINEAL_ASSIGN_OR_RETURN(const std::string id, store->Take(call.body));
  engine::Value answer = engine::Value::EmptyObject();
  answer.Set("id", engine::Value(id));
  call.whole = HttpResponse{.body = engine::ToJson(answer)};
  return absl::OkStatus();
}

absl::Status HandleLineageBatch(RestCall& call, JsonWriter*) {
  LINEAL_ASSIGN_OR_RETURN(engine::OpenLineageStore * store, StoreOf(call));
  LINEAL_ASSIGN_OR_RETURN(const std::vector<std::string> events, openlineage::EventsOfBatch(call.body));
  call.whole = HttpResponse{.body = engine::ToJson(openlineage::BatchAnswer(store->TakeAll(events)))};
  return absl::OkStatus();
}

absl::Status AnswerOpenLineage(RestCall& call, openlineage::Endpoint endpoint) {
  LINEAL_ASSIGN_OR_RETURN(engine::OpenLineageStore * store, StoreOf(call));
  const openlineage::Query query{.path = call.params, .fields = call.query_fields};
  LINEAL_ASSIGN_OR_RETURN(std::string body, endpoint(*store, query));
  call.whole = HttpResponse{.body = std::move(body)};
  return absl::OkStatus();
}

}  // namespace lineal::server
