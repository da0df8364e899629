// One request as its handler sees it, and what a handler is.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/deadline.h"
#include "engine/api/read.h"
#include "server/core/caller.h"
#include "server/core/service.h"
#include "server/http/http_message.h"
#include "server/rest/json_writer.h"
#include "server/rest/query_params.h"

namespace lineal::server {

struct RestCall {
  const Service* service = nullptr;
  std::string started_at;           // the process's start, RFC 3339
  std::vector<std::string> params;  // the path's variable parts, in their order
  QueryParams query;
  std::vector<std::pair<std::string, std::string>> query_fields;  // the same as it came, for MLflow
  std::string body;
  std::string request_id;  // of the Idempotency-Key header
  Caller caller;           // of the key, and the headers Lineal-Session and Lineal-Space
  std::string accept;      // of the Accept header
  bool receipt = false;    // the Lineal-Receipt header asks for one of every search
  std::string trace;       // of the X-Request-Id header, or made up; said in receipts
  Deadline deadline;
  std::optional<HttpResponse> whole;  // set by a handler whose answer is no envelope
  // One for each query that was run: how, where its body asked for that. They stand beside `result` in the envelope.
  std::vector<std::shared_ptr<const engine::SearchExplain>> explained;
  // The same, of receipts: their bytes, empty where none was asked for.
  std::vector<std::string> receipts;
  std::vector<std::string> warnings;  // said in the header Lineal-Warning
  bool batch = false;                 // `explain` and `receipt` are lists, one element a query

  // The collection named by the first variable part.
  absl::StatusOr<std::shared_ptr<engine::Collection>> Collection() const {
    return service->database->GetCollection(params[0]);
  }
  // Each once: a batch may have many.
  void Warn(const std::vector<std::string>& said) {
    for (const std::string& warning : said) {
      if (std::ranges::find(warnings, warning) == warnings.end()) warnings.push_back(warning);
    }
  }
  // Lets the query string and the deadline have their say in a read.
  void Complete(engine::ReadOptions* read) const {
    read->deadline = deadline;
    if (!read->as_of_seq.empty() || !read->as_of.empty()) return;
    read->as_of_seq = query.as_of_seq;
    read->as_of = query.as_of;
  }
};

// Writes the `result` of the envelope; what was written is thrown away when the status is not OK.
using RestHandler = absl::Status (*)(RestCall& call, JsonWriter* result);

}  // namespace lineal::server
