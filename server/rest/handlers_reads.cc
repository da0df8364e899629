#include "base/uuid.h"
#include "server/core/measured_search.h"
#include "server/core/version.h"
#include "server/rest/handlers.h"
#include "server/rest/parse_query.h"
#include "server/rest/write_points.h"

namespace lineal::server {
namespace {

using engine::Collection;

void WriteScoredPoints(JsonWriter* result, const std::vector<engine::ScoredPoint>& points, RecordShape shape) {
  result->BeginArray();
  for (const auto& point : points) WriteScoredPoint(result, point, shape);
  result->EndArray();
}

absl::StatusOr<std::string> ReceiptOf(RestCall& call, const engine::SearchRequest& search,
                                      const std::vector<engine::ScoredPoint>& points) {
  if (search.state == nullptr) return std::string();
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  engine::ReceiptOccasion occasion;
  occasion.space = search.claim.space;
  occasion.request_id = call.trace.empty() ? NewUuid(call.service->clock->WallMs()) : call.trace;
  occasion.build = StrCat(kLinealVersion, "+", std::string_view(kCommit).substr(0, 12));
  return lineage->receipts().Issue(search, *search.state, points, occasion);
}

absl::Status RunSearch(RestCall& call, Collection& collection, engine::SearchRequest search, JsonWriter* result) {
  call.Complete(&search.read);
  if (call.receipt && search.state == nullptr) search.state = std::make_shared<engine::SearchState>();
  LINEAL_ASSIGN_OR_RETURN(search.claim, ClaimOf(call.caller));
  search.warnings = std::make_shared<std::vector<std::string>>();
  LINEAL_ASSIGN_OR_RETURN(auto points, MeasuredSearch(collection, search, call.service->metrics));
  call.Warn(*search.warnings);
  LINEAL_ASSIGN_OR_RETURN(std::string receipt, ReceiptOf(call, search, points));
  call.receipts.push_back(std::move(receipt));
  call.explained.push_back(std::move(search.explain));
  WriteScoredPoints(result, points, ShapeOf(search.with_payload, search.with_vector));
  return absl::OkStatus();
}

// A query without a vector: a scroll, its points shown with a score of zero.
absl::Status RunSkippingScroll(RestCall& call, Collection& collection, SkippingScroll query, JsonWriter* result) {
  call.Complete(&query.scroll.read);
  LINEAL_ASSIGN_OR_RETURN(engine::ScrollPage page, collection.Scroll(query.scroll));
  call.explained.emplace_back();
  call.receipts.emplace_back();
  const RecordShape shape = ShapeOf(query.scroll.with_payload, query.scroll.with_vector);
  result->BeginArray();
  for (uint64_t i = query.skip; i < page.points.size(); ++i) {
    WriteScoredPoint(result, {std::move(page.points[i]), 0}, shape);
  }
  result->EndArray();
  return absl::OkStatus();
}

absl::Status RunQuery(RestCall& call, Collection& collection, Query query, JsonWriter* result) {
  result->BeginObject();
  result->Key("points");
  if (auto* search = std::get_if<engine::SearchRequest>(&query)) {
    LINEAL_RETURN_IF_ERROR(RunSearch(call, collection, std::move(*search), result));
  } else {
    LINEAL_RETURN_IF_ERROR(RunSkippingScroll(call, collection, std::move(std::get<SkippingScroll>(query)), result));
  }
  result->EndObject();
  return absl::OkStatus();
}

// Reads every element of `searches` before the first is run.
template <class Request, class Reader, class Runner>
absl::Status RunBatch(RestCall& call, JsonWriter* result, Reader read, Runner run) {
  std::vector<Request> requests;
  {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(JsonArray searches, ReadSearches(root, JsonPlace()));
    const JsonPlace root_place;
    const JsonPlace place(root_place, "searches");
    for (JsonElement element : searches) {
      LINEAL_ASSIGN_OR_RETURN(Request request, read(element, JsonPlace(place, requests.size())));
      requests.push_back(std::move(request));
    }
  }
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  call.batch = true;
  result->BeginArray();
  for (Request& request : requests) LINEAL_RETURN_IF_ERROR(run(call, *collection, std::move(request), result));
  result->EndArray();
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleGetPoint(RestCall& call, JsonWriter* result) {
  auto id = PointId::Parse(call.params[1]);
  if (!id) {
    return InvalidArgument("value ", call.params[1].substr(0, 64),
                           " is not a valid point ID: want an unsigned 64-bit integer or a UUID");
  }
  engine::RetrieveRequest retrieve;
  retrieve.ids = {*id};
  retrieve.with_vector.mode = engine::VectorSelector::Mode::kAll;
  call.Complete(&retrieve.read);
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(auto points, collection->Retrieve(retrieve));
  if (points.empty()) return NotFound("Point with id ", id->ToString(), " does not exists!");
  WriteRecord(result, points[0], {.payload = true, .vector = true});
  return absl::OkStatus();
}

absl::Status HandleRetrieve(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(engine::RetrieveRequest retrieve, ReadRetrieve(root, JsonPlace()));
  call.Complete(&retrieve.read);
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(auto points, collection->Retrieve(retrieve));
  const RecordShape shape = ShapeOf(retrieve.with_payload, retrieve.with_vector);
  result->BeginArray();
  for (const auto& point : points) WriteRecord(result, point, shape);
  result->EndArray();
  return absl::OkStatus();
}

absl::Status HandleScroll(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(engine::ScrollRequest scroll, ReadScroll(root, JsonPlace()));
  call.Complete(&scroll.read);
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(engine::ScrollPage page, collection->Scroll(scroll));
  const RecordShape shape = ShapeOf(scroll.with_payload, scroll.with_vector);
  result->BeginObject();
  result->Key("points");
  result->BeginArray();
  for (const auto& point : page.points) WriteRecord(result, point, shape);
  result->EndArray();
  result->Key("next_page_offset");
  if (page.next_offset) {
    WritePointId(result, *page.next_offset);
  } else {
    result->Null();
  }
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleCount(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(engine::CountRequest count, ReadCount(root, JsonPlace()));
  call.Complete(&count.read);
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(uint64_t points, collection->Count(count));
  result->BeginObject();
  result->Field("count", points);
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleQuery(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(Query query, ReadQuery(root, JsonPlace()));
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  return RunQuery(call, *collection, std::move(query), result);
}

absl::Status HandleQueryBatch(RestCall& call, JsonWriter* result) {
  return RunBatch<Query>(call, result, ReadQuery, RunQuery);
}

absl::Status HandleSearch(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(engine::SearchRequest search, ReadSearch(root, JsonPlace()));
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  return RunSearch(call, *collection, std::move(search), result);
}

absl::Status HandleSearchBatch(RestCall& call, JsonWriter* result) {
  return RunBatch<engine::SearchRequest>(call, result, ReadSearch, RunSearch);
}

}  // namespace lineal::server
