#include "base/base64.h"
#include "base/status.h"
#include "server/rest/envelope.h"
#include "server/rest/handlers.h"

namespace lineal::server {
namespace {

constexpr uint64_t kEntriesDefault = 100, kEntriesMax = 1'000;

absl::StatusOr<engine::Audit*> AuditOf(const RestCall& call) {
  LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, call.service->database->lineage());
  return &lineage->audit();
}

void WriteEntry(JsonWriter* out, const engine::LoggedEntry& entry) {
  out->BeginObject();
  out->Field("index", entry.index);
  out->Field("time_ms", static_cast<uint64_t>(entry.wall_ms));
  out->Field("kind", entry.kind);
  out->Field("subject", entry.subject);
  out->Field("principal", entry.principal);
  out->Field("erased", !entry.body.has_value());
  out->Field("body", entry.body.value_or(engine::Value()));
  out->Field("leaf", Base64(entry.leaf));
  if (entry.opening) {
    out->Field("opening", Base64(*entry.opening));
  } else {
    out->NullField("opening");
  }
  out->EndObject();
}

void WriteHashes(JsonWriter* out, const std::vector<Digest>& hashes) {
  out->Key("hashes");
  out->BeginArray();
  for (const Digest& hash : hashes) out->String(Base64(BytesOf(hash)));
  out->EndArray();
}

}  // namespace

absl::Status HandleLogCheckpoint(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::Audit * audit, AuditOf(call));
  LINEAL_ASSIGN_OR_RETURN(const engine::SignedCheckpoint signed_now, audit->Checkpoint());
  if (HeaderAccepts(call.accept, "text/plain")) {
    call.whole = TextResponse(200, signed_now.note);
    return absl::OkStatus();
  }
  result->BeginObject();
  result->Field("origin", signed_now.checkpoint.origin);
  result->Field("size", signed_now.checkpoint.size);
  result->Field("root", Base64(BytesOf(signed_now.checkpoint.root)));
  result->Field("time_ms", static_cast<uint64_t>(signed_now.checkpoint.wall_ms));
  result->Field("note", signed_now.note);
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleLogKey(RestCall& call, JsonWriter* result) {
  LINEAL_ASSIGN_OR_RETURN(engine::Audit * audit, AuditOf(call));
  LINEAL_ASSIGN_OR_RETURN(const engine::AuditKey key, audit->Key());
  result->BeginObject();
  result->Field("name", key.name);
  result->Field("algorithm", "ed25519");
  result->Field("public_key", Base64({reinterpret_cast<const char*>(key.key.data()), key.key.size()}));
  result->Field("verifier", key.verifier);
  result->Field("pem", key.pem);
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleLogEntries(RestCall& call, JsonWriter* result) {
  const uint64_t limit = call.query.Number("limit", kEntriesDefault);
  if (limit == 0 || limit > kEntriesMax) {
    return OutOfRange("limit: value ", limit, " invalid, must be from 1 to ", kEntriesMax);
  }
  LINEAL_ASSIGN_OR_RETURN(engine::Audit * audit, AuditOf(call));
  LINEAL_ASSIGN_OR_RETURN(const auto entries, audit->Entries(call.query.Number("from", 0), limit));
  result->BeginObject();
  result->Key("entries");
  result->BeginArray();
  for (const engine::LoggedEntry& entry : entries) WriteEntry(result, entry);
  result->EndArray();
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleLogProof(RestCall& call, JsonWriter* result) {
  if (!call.query.numbers.contains("index")) return OutOfRange("index: must be given");
  LINEAL_ASSIGN_OR_RETURN(engine::Audit * audit, AuditOf(call));
  LINEAL_ASSIGN_OR_RETURN(const engine::AuditProof proof,
                          audit->InclusionProof(call.query.Number("index", 0), call.query.Number("size", 0)));
  result->BeginObject();
  result->Field("index", proof.from);
  result->Field("size", proof.to);
  result->Field("leaf_hash", Base64(BytesOf(proof.leaf)));
  WriteHashes(result, proof.hashes);
  result->EndObject();
  return absl::OkStatus();
}

absl::Status HandleLogConsistency(RestCall& call, JsonWriter* result) {
  if (!call.query.numbers.contains("from")) return OutOfRange("from: must be given");
  LINEAL_ASSIGN_OR_RETURN(engine::Audit * audit, AuditOf(call));
  LINEAL_ASSIGN_OR_RETURN(const engine::AuditProof proof,
                          audit->ConsistencyProof(call.query.Number("from", 0), call.query.Number("to", 0)));
  result->BeginObject();
  result->Field("from", proof.from);
  result->Field("to", proof.to);
  WriteHashes(result, proof.hashes);
  result->EndObject();
  return absl::OkStatus();
}

}  // namespace lineal::server
