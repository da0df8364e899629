#include "engine/lineage/ingest_sessions.h"

#include <algorithm>

#include "base/coding.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/uuid.h"
#include "engine/lineage/lineage_keys.h"
#include "engine/lineage/record_members.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

const std::string& Prefix() {
  static const std::string prefix = LineagePrefix("session");
  return prefix;
}

// By the names of the texts of a context.
constexpr std::pair<const char*, std::string IngestContext::*> kTexts[] = {{"run", &IngestContext::run},
                                                                           {"transform", &IngestContext::transform},
                                                                           {"space", &IngestContext::space},
                                                                           {"dataset", &IngestContext::dataset},
                                                                           {"principal", &IngestContext::principal},
                                                                           {"endpoint", &IngestContext::endpoint}};

Value RecordOf(const IngestSession& session) {
  Value root = Value::EmptyObject();
  root.Set("job", Value(session.job));
  for (const auto& [name, text] : kTexts) root.Set(name, Value(session.context.*text));
  root.Set("parameters", session.parameters);
  root.Set("state", Value(std::string(NameOf(session.state))));
  root.Set("opened_ms", Value(session.opened_ms));
  root.Set("closed_ms", Value(session.closed_ms));
  return root;
}

absl::StatusOr<IngestSession> Decode(const std::string& id, std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, DecodePayload(bytes));
  IngestSession session;
  session.id = id;
  session.job = TextMember(root, "job");
  for (const auto& [name, text] : kTexts) session.context.*text = TextMember(root, name);
  if (const Value* parameters = root.Find("parameters")) session.parameters = *parameters;
  session.opened_ms = NumberMember(root, "opened_ms");
  session.closed_ms = NumberMember(root, "closed_ms");
  const std::string state = TextMember(root, "state");
  for (const SessionState one : {SessionState::kOpen, SessionState::kComplete, SessionState::kFailed}) {
    if (state == NameOf(one)) session.state = one;
  }
  return session;
}

absl::Status NoSuchSession(const std::string& id) { return NotFound("No ingest session with id ", id, " found"); }

}  // namespace

absl::StatusOr<IngestSession> IngestSessions::Open(const IngestSession& wanted) {
  LINEAL_RETURN_IF_ERROR(ValidateContext(wanted.context));
  if (wanted.job.size() > kOriginTextMax) {
    return InvalidArgument("job has ", wanted.job.size(), " bytes, the limit is ", kOriginTextMax);
  }
  IngestSession session = wanted;
  session.opened_ms = clock_->WallMs();
  session.closed_ms = 0;
  session.state = SessionState::kOpen;
  session.id = NewUuid(session.opened_ms);
  if (session.context.run.empty()) session.context.run = session.id;
  LINEAL_RETURN_IF_ERROR(Save("session.open", session));
  return session;
}

absl::Status IngestSessions::Save(const char* kind, const IngestSession& session) {
  const Value record = RecordOf(session);
  return log_->Commit({{kind, session.id, session.context.principal, record}},
                      {{Prefix() + session.id, EncodePayload(record)}});
}

absl::StatusOr<IngestSession> IngestSessions::Find(const std::string& id) {
  // In the one form that they are kept by; what is no UUID names none.
  const auto uuid = PointId::ParseUuid(id);
  if (!uuid) return NoSuchSession(id);
  const std::string name = uuid->ToString();
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(Prefix() + name));
  if (!bytes) return NoSuchSession(id);
  return Decode(name, *bytes);
}

absl::StatusOr<IngestSession> IngestSessions::Close(const std::string& id, SessionState state) {
  std::lock_guard lock(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(IngestSession session, Find(id));
  if (session.state == state) return session;
  if (session.state != SessionState::kOpen) {
    return FailedPrecondition("ingest session ", session.id, " is ", NameOf(session.state), " already");
  }
  if (state == SessionState::kOpen) return InvalidArgument("a session is closed as complete or as failed");
  session.state = state;
  session.closed_ms = clock_->WallMs();
  LINEAL_RETURN_IF_ERROR(Save("session.close", session));
  return session;
}

absl::StatusOr<std::vector<IngestSession>> IngestSessions::List(uint64_t limit) {
  std::vector<std::pair<std::string, std::string>> records;
  LINEAL_RETURN_IF_ERROR(meta_->List(Prefix(), [&](std::string_view key, std::string_view bytes) {
    records.emplace_back(key.substr(Prefix().size()), bytes);
  }));
  std::vector<IngestSession> sessions;
  for (auto at = records.rbegin(); at != records.rend() && sessions.size() < limit; ++at) {
    LINEAL_ASSIGN_OR_RETURN(IngestSession session, Decode(at->first, at->second));
    sessions.push_back(std::move(session));
  }
  return sessions;
}

}  // namespace lineal::engine
