#include <algorithm>

#include "server/rest/handlers.h"
#include "server/rest/parse_collection.h"
#include "server/rest/write_collection.h"
#include "server/rest/write_memory.h"
#include "server/rest/write_points.h"

namespace lineal::server {
namespace {

absl::StatusOr<engine::CollectionInfo> InfoOf(RestCall& call) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  return collection->Info();
}

// Applies a change and answers as the dialect does for one: with the collection's newest seq for an operation id.
absl::Status Alter(RestCall& call, const engine::SchemaChange& change, JsonWriter* result) {
  LINEAL_RETURN_IF_ERROR(call.service->database->AlterCollection(call.params[0], change));
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionInfo info, InfoOf(call));
  uint64_t newest = 0;
  for (Seq seq : info.seqs) newest = std::max(newest, Raw(seq));
  WriteUpdateResult(result, newest, call.query.wait);
  return absl::OkStatus();
}

void WriteAliases(JsonWriter* result, const std::vector<engine::Alias>& aliases, const std::string* collection) {
  result->BeginObject();
  result->Key("aliases");
  result->BeginArray();
  for (const engine::Alias& alias : aliases) {
    if (collection && alias.target.collection != *collection) continue;
    result->BeginObject();
    result->Field("alias_name", alias.name);
    result->Field("collection_name", alias.target.collection);
    result->EndObject();
  }
  result->EndArray();
  result->EndObject();
}

}  // namespace

absl::Status HandleListCollections(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(std::vector<std::string> names, call.service->database->ListCollections());
  result->BeginObject();
  result->Key("collections");
  result->BeginArray();
  for (const std::string& name : names) {
    result->BeginObject();
    result->Field("name", name);
    result->EndObject();
  }
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleGetCollection(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionInfo info, InfoOf(call));
  WriteCollectionInfo(result, info);
  return absl::OkStatus();
}

absl::Status HandleCreateCollection(RestCall& call, JsonWriter* result) {
  LINEAL_RETURN_IF_ERROR(engine::ValidateCollectionName(call.params[0]));
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionSchema schema, ReadCreateCollection(root, JsonPlace()));
  LINEAL_RETURN_IF_ERROR(call.service->database->CreateCollection(call.params[0], schema));
  result->Bool(true);
  return absl::OkStatus();
}

absl::Status HandleUpdateCollection(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionInfo info, InfoOf(call));
  LINEAL_ASSIGN_OR_RETURN(engine::SchemaChange change, ReadUpdateCollection(root, JsonPlace(), info.schema));
  LINEAL_RETURN_IF_ERROR(call.service->database->AlterCollection(call.params[0], change));
  result->Bool(true);
  return absl::OkStatus();
}

absl::Status HandleDeleteCollection(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(bool dropped, call.service->database->DropCollection(call.params[0]));
  result->Bool(dropped);
  return absl::OkStatus();
}

absl::Status HandleCollectionExists(RestCall& call, JsonWriter* result) {
  auto collection = call.Collection();
  if (!collection.ok() && !absl::IsNotFound(collection.status())) return collection.status();
  result->BeginObject();
  result->Field("exists", collection.ok());
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleCollectionCluster(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionInfo info, InfoOf(call));
  WriteCollectionCluster(result, info);
  return absl::OkStatus();
}

absl::Status HandleOptimizations(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionInfo info, InfoOf(call));
  std::vector<engine::OptimizerTask> tasks = call.service->database->Tasks();
  std::erase_if(tasks, [&](const engine::OptimizerTask& task) { return task.collection != call.params[0]; });
  WriteOptimizations(result, info, tasks, call.query.with);
  return absl::OkStatus();
}

absl::Status HandleMemory(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const MemoryAccount account, ReadMemory(*call.service->database, *collection));
  WriteMemory(result, account);
  return absl::OkStatus();
}

absl::Status HandleCreateIndex(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(auto field, ReadFieldIndex(root, JsonPlace()));
  engine::SchemaChange change;
  change.add_fields.insert(std::move(field));
  return Alter(call, change, result);
}

absl::Status HandleDeleteIndex(RestCall& call, JsonWriter* result) {
  engine::SchemaChange change;
  change.drop_fields.push_back(call.params[1]);
  return Alter(call, change, result);
}

absl::Status HandleCreateVectorName(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(engine::VectorSchema vector, ReadVectorConfig(root, JsonPlace()));
  engine::SchemaChange change;
  change.add_vectors.emplace(call.params[1], vector);
  return Alter(call, change, result);
}

absl::Status HandleDeleteVectorName(RestCall& call, JsonWriter* result) {
  engine::SchemaChange change;
  change.drop_vectors.push_back(call.params[1]);
  return Alter(call, change, result);
}

absl::Status HandleChangeAliases(RestCall& call, JsonWriter* result) {
  JsonBody body(std::move(call.body));
  LINEAL_ASSIGN_OR_RETURN(JsonElement root, body.Root());
  LINEAL_ASSIGN_OR_RETURN(auto changes, ReadAliasChanges(root, JsonPlace()));
  LINEAL_RETURN_IF_ERROR(call.service->database->ChangeAliases(changes, call.caller.principal));
  result->Bool(true);
  return absl::OkStatus();
}

absl::Status HandleListAliases(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(auto aliases, call.service->database->ListAliases());
  WriteAliases(result, aliases, nullptr);
  return absl::OkStatus();
}

absl::Status HandleCollectionAliases(RestCall& call, JsonWriter* result) {
  LINEAL_RETURN_IF_ERROR(call.Collection().status());
  LINEAL_ASSIGN_OR_RETURN(auto aliases, call.service->database->ListAliases());
  WriteAliases(result, aliases, &call.params[0]);
  return absl::OkStatus();
}

}  // namespace lineal::server
