#include "server/rest/handlers.h"
#include "server/rest/parse_lineage.h"
#include "server/rest/write_lineage.h"

namespace lineal::server {
namespace {

constexpr uint64_t kSessionsListed = 1'000;

absl::StatusOr<PointId> PointOf(const std::string& text) {
  if (const auto id = PointId::Parse(text)) return *id;
  return InvalidArgument("value ", text.substr(0, 64),
                         " is not a valid point ID: want an unsigned 64-bit integer or a UUID");
}

constexpr uint64_t kRevisionsListed = 10'000;

}  // namespace

absl::Status HandleListSessions(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  LINEAL_ASSIGN_OR_RETURN(const auto sessions, lineage->ListSessions(kSessionsListed));
  result->BeginObject();
  result->Key("sessions");
  result->BeginArray();
  for (const engine::IngestSession& session : sessions) WriteSession(result, session);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleOpenSession(RestCall& call, JsonWriter* result) {
  engine::IngestSession wanted;
  if (!call.body.empty()) {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(wanted, ReadSession(root, JsonPlace()));
  }
  wanted.context.principal = call.caller.principal;
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  LINEAL_ASSIGN_OR_RETURN(const engine::IngestSession session, lineage->OpenSession(wanted));
  WriteSession(result, session);
  return absl::OkStatus();
}

absl::Status HandleGetSession(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  LINEAL_ASSIGN_OR_RETURN(const engine::IngestSession session, lineage->FindSession(call.params[0]));
  WriteSession(result, session);
  return absl::OkStatus();
}

absl::Status HandleCloseSession(RestCall& call, JsonWriter* result) {
  engine::SessionState state = engine::SessionState::kComplete;
  if (!call.body.empty()) {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(state, ReadCloseState(root, JsonPlace()));
  }
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  LINEAL_ASSIGN_OR_RETURN(const engine::IngestSession session, lineage->CloseSession(call.params[0], state));
  WriteSession(result, session);
  return absl::OkStatus();
}

absl::Status HandleRevisions(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const auto revisions, collection->Revisions(kRevisionsListed));
  result->BeginObject();
  result->Key("revisions");
  result->BeginArray();
  for (const engine::Revision& revision : revisions) WriteRevision(result, revision);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleMakeRevision(RestCall& call, JsonWriter* result) {
  std::string message;
  if (!call.body.empty()) {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(root, JsonPlace()));
    LINEAL_RETURN_IF_ERROR(ReadMember(object, "message", JsonPlace(), ReadString, &message));
  }
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const engine::Revision revision, collection->MakeRevision(message, call.caller.principal));
  WriteRevision(result, revision);
  return absl::OkStatus();
}

absl::Status HandleTag(RestCall& call, JsonWriter* result) {
  uint64_t number = 0;
  if (!call.body.empty()) {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(root, JsonPlace()));
    LINEAL_RETURN_IF_ERROR(ReadMember(object, "revision", JsonPlace(), ReadUint, &number));
    if (Find(object, "revision") && number == 0) return OutOfRange("revision: value 0 invalid, must be 1 or larger");
  }
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const engine::Revision revision,
                          collection->Tag(call.params[1], number, call.caller.principal));
  WriteRevision(result, revision);
  return absl::OkStatus();
}

absl::Status HandleUntag(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const bool removed, collection->Untag(call.params[1], call.caller.principal));
  result->Bool(removed);
  return absl::OkStatus();
}

absl::Status HandleRollback(RestCall& call, JsonWriter* result) {
  engine::RollbackRequest request;
  {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(request, ReadRollback(root, JsonPlace()));
  }
  request.author = call.caller.principal;
  request.deadline = call.deadline;
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const engine::RollbackResult done, collection->Rollback(request));
  result->BeginObject();
  result->Field("restored", done.restored);
  result->Field("removed", done.removed);
  result->Field("kept", done.kept);
  if (done.revision.number != 0) {
    result->Key("revision");
    WriteRevision(result, done.revision);
  }
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleDiff(RestCall& call, JsonWriter* result) {
  engine::DiffRequest request;
  {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(request, ReadDiffRequest(root, JsonPlace()));
  }
  request.deadline = call.deadline;
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const engine::RevisionDiff diff, collection->Diff(request));
  WriteDiff(result, diff);
  return absl::OkStatus();
}

absl::Status HandleOrigins(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const auto counts, collection->CountByContext());
  WriteOriginCounts(result, counts);
  return absl::OkStatus();
}

absl::Status HandlePointsOf(RestCall& call, JsonWriter* result) {
  engine::OriginPageRequest request;
  {
    JsonBody body(std::move(call.body));
    LINEAL_ASSIGN_OR_RETURN(const JsonElement root, body.Root());
    LINEAL_ASSIGN_OR_RETURN(request, ReadOriginPageRequest(root, JsonPlace()));
  }
  call.Complete(&request.read);
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const engine::OriginPage page, collection->PointsOf(request));
  WriteOriginPage(result, page);
  return absl::OkStatus();
}

absl::Status HandleProvenance(RestCall& call, JsonWriter* result) {
  engine::ProvenanceRequest request;
  LINEAL_ASSIGN_OR_RETURN(request.id, PointOf(call.params[1]));
  request.history = call.query.history;
  call.Complete(&request.read);
  LINEAL_ASSIGN_OR_RETURN(auto collection, call.Collection());
  LINEAL_ASSIGN_OR_RETURN(const auto states, collection->Provenance(request));
  result->BeginObject();
  result->Key("origin");
  WriteOrigin(result, states.front());
  if (request.history) {
    result->Key("history");
    result->BeginArray();
    for (const engine::PointOrigin& state : states) WriteOrigin(result, state);
    result->EndArray();
  }
  result->EndObject();
  return absl::OkStatus();
}

}  // namespace lineal::server
