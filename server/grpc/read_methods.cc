#include <memory>
#include <utility>

#include "base/status.h"
#include "lineal/v1/reads.pb.h"
#include "server/core/measured_search.h"
#include "server/grpc/convert_answer.h"
#include "server/grpc/convert_read.h"
#include "server/grpc/convert_vector.h"
#include "server/grpc/method_table.h"

namespace lineal::server {
namespace {

constexpr char kPrefix[] = "/lineal.v1.Points/";
constexpr int kSearchesMax = 1024;

absl::StatusOr<std::shared_ptr<engine::Collection>> CollectionOf(const CallContext& call, const std::string& name) {
  return call.service->database->GetCollection(name);
}

absl::Status SearchOne(const CallContext& call, engine::Collection* collection, const v1::SearchRequest& wire,
                       AnswerBudget* budget, v1::SearchResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(engine::SearchRequest request, SearchFromWire(wire));
  request.read.deadline = call.deadline;
  LINEAL_ASSIGN_OR_RETURN(request.claim, ClaimOf(call.caller));
  LINEAL_ASSIGN_OR_RETURN(auto hits, MeasuredSearch(*collection, request, call.service->metrics));
  if (request.explain != nullptr) ExplainToWire(*request.explain, answer->mutable_explain());
  return HitsToWire(hits, wire.with_payload().as_json(), budget, answer);
}

absl::Status Search(const CallContext& call, const v1::SearchRequest& request, v1::SearchResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, CollectionOf(call, request.collection()));
  AnswerBudget budget;
  return SearchOne(call, collection.get(), request, &budget, answer);
}

absl::Status SearchBatch(const CallContext& call, const v1::SearchBatchRequest& request,
                         v1::SearchBatchResponse* answer) {
  if (request.searches_size() > kSearchesMax) {
    return OutOfRange("batch has ", request.searches_size(), " searches, the limit is ", kSearchesMax);
  }
  LINEAL_ASSIGN_OR_RETURN(auto collection, CollectionOf(call, request.collection()));
  AnswerBudget budget;
  for (const v1::SearchRequest& search : request.searches()) {
    const int index = answer->results_size();
    if (!search.collection().empty() && search.collection() != request.collection()) {
      return InvalidArgument("search ", index, " names another collection: `", search.collection(), "`");
    }
    absl::Status done = SearchOne(call, collection.get(), search, &budget, answer->add_results());
    LINEAL_RETURN_IF_ERROR(Annotate(done, StrCat("search ", index)));
    LINEAL_RETURN_IF_ERROR(call.deadline.Check());
  }
  return absl::OkStatus();
}

absl::Status Retrieve(const CallContext& call, const v1::RetrieveRequest& wire, v1::RetrieveResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(engine::RetrieveRequest request, RetrieveFromWire(wire));
  request.read.deadline = call.deadline;
  LINEAL_ASSIGN_OR_RETURN(auto collection, CollectionOf(call, wire.collection()));
  LINEAL_ASSIGN_OR_RETURN(auto records, collection->Retrieve(request));
  AnswerBudget budget;
  for (const engine::PointRecord& record : records) {
    LINEAL_RETURN_IF_ERROR(RecordToWire(record, wire.with_payload().as_json(), &budget, answer->add_points()));
  }
  return absl::OkStatus();
}

absl::Status Scroll(const CallContext& call, const v1::ScrollRequest& wire, v1::ScrollResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(engine::ScrollRequest request, ScrollFromWire(wire));
  request.read.deadline = call.deadline;
  LINEAL_ASSIGN_OR_RETURN(auto collection, CollectionOf(call, wire.collection()));
  LINEAL_ASSIGN_OR_RETURN(engine::ScrollPage page, collection->Scroll(request));
  AnswerBudget budget;
  for (const engine::PointRecord& record : page.points) {
    LINEAL_RETURN_IF_ERROR(RecordToWire(record, wire.with_payload().as_json(), &budget, answer->add_points()));
  }
  if (page.next_offset) IdToWire(*page.next_offset, answer->mutable_next_offset());
  return absl::OkStatus();
}

absl::Status Count(const CallContext& call, const v1::CountRequest& wire, v1::CountResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(engine::CountRequest request, CountFromWire(wire));
  request.read.deadline = call.deadline;
  LINEAL_ASSIGN_OR_RETURN(auto collection, CollectionOf(call, wire.collection()));
  LINEAL_ASSIGN_OR_RETURN(uint64_t count, collection->Count(request));
  answer->set_count(count);
  return absl::OkStatus();
}

}  // namespace

void AddReadMethods(MethodTable* table) {
  auto read = [table](std::string_view name, auto* handle) {
    table->AddUnary(StrCat(kPrefix, name), Right::kRead, WorkKind::kRead, handle);
  };
  read("Retrieve", Retrieve);
  read("Scroll", Scroll);
  read("Count", Count);
  read("Search", Search);
  read("SearchBatch", SearchBatch);
}

}  // namespace lineal::server
