#include "server/rest/handlers.h"
#include "server/rest/parse_erasure.h"
#include "server/rest/write_erasure.h"

namespace lineal::server {
namespace {

constexpr uint64_t kErasuresListed = 1'000;

}  // namespace

absl::Status HandleErase(RestCall& call, JsonWriter* result) {
  engine::ErasureRequest request;
  {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(request, ReadErasureRequest(root, JsonPlace()));
  }
  request.principal = call.caller.principal;
  LINEAL_ASSIGN_OR_RETURN(const engine::Erasure erasure, call.service->database->Erase(request));
  WriteErasure(result, erasure);
  return absl::OkStatus();
}

absl::Status HandleListErasures(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(const auto erasures, call.service->database->ListErasures(kErasuresListed));
  result->BeginObject();
  result->Key("erasures");
  result->BeginArray();
  for (const engine::Erasure& erasure : erasures) WriteErasure(result, erasure);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleGetErasure(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(const engine::Erasure erasure, call.service->database->FindErasure(call.params[0]));
  WriteErasure(result, erasure);
  return absl::OkStatus();
}

}  // namespace lineal::server
