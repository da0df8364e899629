#include "server/rest/handlers.h"
#include "server/rest/json_reader.h"
#include "server/rest/write_spaces.h"

namespace lineal::server {

absl::Status HandleTargets(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(const auto aliases, call.service->database->ListAliases());
  result->BeginObject();
  result->Key("aliases");
  result->BeginArray();
  for (const engine::Alias& alias : aliases) WriteAlias(result, alias);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleMoveAlias(RestCall& call, JsonWriter* result) {
  engine::CreateAlias change;
  change.alias = call.params[0];
  {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(root, JsonPlace()));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement collection, Require(object, "collection", JsonPlace()));
    LINEAL_ASSIGN_OR_RETURN(change.target.collection, ReadString(collection, JsonPlace(JsonPlace(), "collection")));
    LINEAL_RETURN_IF_ERROR(ReadMember(object, "tag", JsonPlace(), ReadString, &change.target.tag));
    LINEAL_RETURN_IF_ERROR(ReadMember(object, "space", JsonPlace(), ReadString, &change.target.space));
  }
  LINEAL_RETURN_IF_ERROR(call.service->database->ChangeAliases({change}, call.caller.principal));
  WriteAlias(result, {change.alias, change.target});
  return absl::OkStatus();
}

absl::Status HandleRemoveAlias(RestCall& call, JsonWriter* result) {
  LINEAL_RETURN_IF_ERROR(
      call.service->database->ChangeAliases({engine::DeleteAlias{call.params[0]}}, call.caller.principal));
  result->Bool(true);
  return absl::OkStatus();
}

absl::Status HandleAliasMoves(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(const auto moves, call.service->database->AliasMoves(call.params[0]));
  result->BeginObject();
  result->Key("moves");
  result->BeginArray();
  for (const engine::AliasMove& move : moves) WriteAliasMove(result, move);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

}  // namespace lineal::server
