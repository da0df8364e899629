#include "base/status.h"
#include "clients/cli/point_writer.h"
#include "clients/cli/search_question.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

absl::StatusOr<Hit> HitOf(const Value& point) {
  Hit hit;
  const Value* id = point.Find("id");
  const std::optional<PointId> parsed =
      id == nullptr ? std::nullopt : PointId::Parse(id->is_string() ? id->string() : engine::ToJson(*id));
  if (!parsed) return Internal("the server gave a point without an id");
  hit.id = *parsed;
  if (const Value* score = point.Find("score")) {
    if (const auto* real = score->get_if<double>()) hit.score = *real;
    if (const auto* whole = score->get_if<int64_t>()) hit.score = static_cast<double>(*whole);
  }
  if (const Value* payload = point.Find("payload")) hit.payload = *payload;
  return hit;
}

}  // namespace

std::string QueryBody(const Question& question) {
  std::string body = "{\"query\":";
  if (question.like_id) {
    AppendPointId(&body, *question.like_id);
  } else {
    AppendVector(&body, question.vector);
  }
  StrAppend(&body, ",\"limit\":", question.limit, ",\"with_payload\":true");
  if (question.offset != 0) StrAppend(&body, ",\"offset\":", question.offset);
  if (!question.vector_name.empty()) {
    body += ",\"using\":";
    engine::AppendJsonString(&body, question.vector_name);
  }
  if (!question.filter.is_null()) {
    body += ",\"filter\":";
    engine::AppendJson(&body, question.filter);
  }
  if (question.score_threshold) {
    body += ",\"score_threshold\":";
    engine::AppendJsonNumber(&body, *question.score_threshold);
  }
  if (question.exact || question.ef_search) {
    StrAppend(&body, ",\"params\":{\"exact\":", question.exact);
    if (question.ef_search) StrAppend(&body, ",\"hnsw_ef\":", *question.ef_search);
    body += '}';
  }
  body += '}';
  return body;
}

absl::StatusOr<std::vector<Hit>> SearchRest(ServerClient& client, const Question& question) {
  LINEAL_ASSIGN_OR_RETURN(const Value result, client.Call("POST", CollectionPath(question.collection, "/points/query"),
                                                          QueryBody(question)));
  const Value* points = result.Find("points");
  if (points == nullptr || !points->is_array()) return Internal("the server's answer has no points");
  std::vector<Hit> hits;
  for (const Value& point : points->array()) {
    LINEAL_ASSIGN_OR_RETURN(Hit hit, HitOf(point));
    hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace lineal::cli
