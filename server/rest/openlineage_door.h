// OpenLineage's and Marquez's endpoints behind the REST door, under /api/v1. Their answers and errors have the shape
// that senders of lineage know; overload is 503, never 429.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/http/http_message.h"
#include "server/openlineage/lineage_endpoints.h"
#include "server/rest/rest_call.h"

namespace lineal::server {

// Whether the path is one of OpenLineage's, served or not.
bool IsOpenLineagePath(const std::vector<std::string>& segments);

HttpResponse OpenLineageErrorResponse(const absl::Status& status);
HttpResponse OpenLineageError(int http_status, std::string_view message);

absl::Status HandleLineageEvent(RestCall& call, JsonWriter*);
absl::Status HandleLineageBatch(RestCall& call, JsonWriter*);
absl::Status AnswerOpenLineage(RestCall& call, openlineage::Endpoint endpoint);
template <openlineage::Endpoint endpoint>
absl::Status HandleOpenLineage(RestCall& call, JsonWriter*) {
  return AnswerOpenLineage(call, endpoint);
}

}  // namespace lineal::server
