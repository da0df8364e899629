#include "base/base64.h"
#include "base/status.h"
#include "server/rest/handlers.h"
#include "server/rest/parse_query.h"
#include "server/rest/write_receipt.h"

namespace lineal::server {
namespace {

absl::StatusOr<std::string> ReadReceiptText(const JsonObject& object) {
  const JsonPlace root;
  LINEAL_ASSIGN_OR_RETURN(const JsonElement element, Require(object, "receipt", root));
  return ReadString(element, JsonPlace(root, "receipt"));
}

absl::StatusOr<engine::Receipt> Verified(engine::Receipts& receipts, const std::string& text) {
  const auto bytes = FromBase64Url(text);
  if (!bytes) return InvalidArgument("the receipt is no text in base64url");
  return receipts.Verify(*bytes);
}

// What is wrong with a receipt is the caller's affair, whatever it is.
absl::Status AsRefusal(const absl::Status& status) {
  return status.code() == absl::StatusCode::kDataLoss ? InvalidArgument(MessageOf(status)) : status;
}

// The collection of the receipt; none is no error.
absl::StatusOr<std::shared_ptr<engine::Collection>> CollectionOf(const RestCall& call, const engine::Receipt& receipt) {
  auto collection = call.service->database->GetCollection(receipt.state.collection);
  if (!collection.ok() && absl::IsNotFound(collection.status())) return std::shared_ptr<engine::Collection>();
  return collection;
}

// The body of /points/query or of /points/search.
absl::StatusOr<engine::SearchRequest> ReadQuestion(JsonElement element, const JsonObject& object) {
  if (Find(object, "vector")) return ReadSearch(element, JsonPlace());
  LINEAL_ASSIGN_OR_RETURN(Query query, ReadQuery(element, JsonPlace()));
  if (auto* search = std::get_if<engine::SearchRequest>(&query)) return std::move(*search);
  return InvalidArgument("query: the request that was answered must be given again");
}

}  // namespace

absl::Status HandleVerifyReceipt(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(root, JsonPlace()));
  LINEAL_ASSIGN_OR_RETURN(const std::string text, ReadReceiptText(object));
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  const absl::StatusOr<engine::Receipt> receipt = Verified(lineage->receipts(), text);
  const absl::StatusCode code = receipt.status().code();
  if (!receipt.ok() && code != absl::StatusCode::kDataLoss && code != absl::StatusCode::kInvalidArgument) {
    return receipt.status();
  }
  result->BeginObject();
  result->Field("genuine", receipt.ok());
  if (receipt.ok()) {
    result->Key("receipt");
    WriteReceipt(result, *receipt);
  } else {
    result->Field("reason", MessageOf(receipt.status()));
  }
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleExplainReceipt(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(root, JsonPlace()));
  LINEAL_ASSIGN_OR_RETURN(const std::string text, ReadReceiptText(object));
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  const absl::StatusOr<engine::Receipt> receipt = Verified(lineage->receipts(), text);
  if (!receipt.ok()) return AsRefusal(receipt.status());
  LINEAL_ASSIGN_OR_RETURN(const auto collection, CollectionOf(call, *receipt));
  LINEAL_ASSIGN_OR_RETURN(const auto hits, lineage->receipts().Explain(*receipt, collection.get(), call.deadline));
  result->BeginObject();
  result->Key("receipt");
  WriteReceipt(result, *receipt);
  result->Key("hits");
  WriteExplainedHits(result, hits);
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleReplayReceipt(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(root, JsonPlace()));
  LINEAL_ASSIGN_OR_RETURN(const std::string text, ReadReceiptText(object));
  std::string level = "R1";
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "level", JsonPlace(), ReadString, &level));
  if (level != "R1")
    return InvalidArgument("level: `", level.substr(0, 64), "` is not R1, an exact search of the state");
  LINEAL_ASSIGN_OR_RETURN(engine::SearchRequest question, ReadQuestion(root, object));
  question.read.deadline = call.deadline;
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  const absl::StatusOr<engine::Receipt> receipt = Verified(lineage->receipts(), text);
  if (!receipt.ok()) return AsRefusal(receipt.status());
  LINEAL_ASSIGN_OR_RETURN(const auto collection, CollectionOf(call, *receipt));
  LINEAL_ASSIGN_OR_RETURN(const auto replay, lineage->receipts().Replay(*receipt, question, collection.get()));
  WriteReplay(result, replay);
  return absl::OkStatus();
}

}  // namespace lineal::server
