#include <string>
#include <utility>

#include "base/status.h"
#include "lineal/v1/collections.pb.h"
#include "server/grpc/convert_memory.h"
#include "server/grpc/convert_schema.h"
#include "server/grpc/method_table.h"

namespace lineal::server {
namespace {

constexpr char kPrefix[] = "/lineal.v1.Collections/";

engine::Database& DatabaseOf(const CallContext& call) { return *call.service->database; }

absl::Status Create(const CallContext& call, const v1::CreateCollectionRequest& request, v1::Ack*) {
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionSchema schema, SchemaFromWire(request.schema()));
  return DatabaseOf(call).CreateCollection(request.collection(), schema);
}

absl::Status Get(const CallContext& call, const v1::CollectionRequest& request, v1::CollectionInfo* answer) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, DatabaseOf(call).GetCollection(request.collection()));
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionInfo info, collection->Info());
  InfoToWire(info, answer);
  return absl::OkStatus();
}

absl::Status List(const CallContext& call, const v1::ListCollectionsRequest&, v1::ListCollectionsResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(std::vector<std::string> names, DatabaseOf(call).ListCollections());
  for (std::string& name : names) answer->add_collections(std::move(name));
  return absl::OkStatus();
}

absl::Status Exists(const CallContext& call, const v1::CollectionRequest& request, v1::ExistsResponse* answer) {
  absl::Status found = DatabaseOf(call).GetCollection(request.collection()).status();
  if (!found.ok() && !absl::IsNotFound(found)) return found;
  answer->set_existed(found.ok());
  return absl::OkStatus();
}

absl::Status Alter(const CallContext& call, const v1::AlterCollectionRequest& request, v1::Ack*) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, DatabaseOf(call).GetCollection(request.collection()));
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionInfo info, collection->Info());
  LINEAL_ASSIGN_OR_RETURN(engine::SchemaChange change, ChangeFromWire(request, info.schema));
  return DatabaseOf(call).AlterCollection(request.collection(), change);
}

absl::Status Drop(const CallContext& call, const v1::CollectionRequest& request, v1::ExistsResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(bool existed, DatabaseOf(call).DropCollection(request.collection()));
  answer->set_existed(existed);
  return absl::OkStatus();
}

absl::Status ChangeAliases(const CallContext& call, const v1::ChangeAliasesRequest& request, v1::Ack*) {
  LINEAL_ASSIGN_OR_RETURN(auto changes, AliasChangesFromWire(request));
  return DatabaseOf(call).ChangeAliases(changes, call.caller.principal);
}

absl::Status ListAliases(const CallContext& call, const v1::ListAliasesRequest& request,
                         v1::ListAliasesResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(auto aliases, DatabaseOf(call).ListAliases());
  for (auto& [alias, target] : aliases) {
    if (!request.collection().empty() && request.collection() != target.collection) continue;
    v1::Alias* wire = answer->add_aliases();
    wire->set_alias(std::move(alias));
    wire->set_collection(std::move(target.collection));
  }
  return absl::OkStatus();
}

absl::Status CreateFieldIndex(const CallContext& call, const v1::CreateFieldIndexRequest& request, v1::Ack*) {
  if (request.key().empty()) return InvalidArgument("field index has no key");
  LINEAL_ASSIGN_OR_RETURN(engine::FieldSchema field, FieldSchemaFromWire(request.schema()));
  engine::SchemaChange change;
  change.add_fields.emplace(request.key(), std::move(field));
  return DatabaseOf(call).AlterCollection(request.collection(), change);
}

absl::Status DropFieldIndex(const CallContext& call, const v1::DropFieldIndexRequest& request, v1::Ack*) {
  engine::SchemaChange change;
  change.drop_fields.push_back(request.key());
  return DatabaseOf(call).AlterCollection(request.collection(), change);
}

absl::Status Memory(const CallContext& call, const v1::CollectionRequest& request, v1::MemoryResponse* answer) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, DatabaseOf(call).GetCollection(request.collection()));
  LINEAL_ASSIGN_OR_RETURN(const MemoryAccount account, ReadMemory(DatabaseOf(call), *collection));
  MemoryToWire(account, answer);
  return absl::OkStatus();
}

absl::Status ListTasks(const CallContext& call, const v1::ListTasksRequest&, v1::ListTasksResponse* answer) {
  for (const engine::OptimizerTask& task : DatabaseOf(call).Tasks()) TaskToWire(task, answer->add_tasks());
  return absl::OkStatus();
}

}  // namespace

void AddCollectionMethods(MethodTable* table) {
  auto read = [table](std::string_view name, auto* handle) {
    table->AddUnary(StrCat(kPrefix, name), Right::kRead, WorkKind::kRead, handle);
  };
  auto manage = [table](std::string_view name, auto* handle) {
    table->AddUnary(StrCat(kPrefix, name), Right::kManage, WorkKind::kManage, handle);
  };
  manage("Create", Create);
  read("Get", Get);
  read("List", List);
  read("Exists", Exists);
  manage("Alter", Alter);
  manage("Drop", Drop);
  manage("ChangeAliases", ChangeAliases);
  read("ListAliases", ListAliases);
  manage("CreateFieldIndex", CreateFieldIndex);
  manage("DropFieldIndex", DropFieldIndex);
  read("Memory", Memory);
  read("ListTasks", ListTasks);
}

}  // namespace lineal::server
