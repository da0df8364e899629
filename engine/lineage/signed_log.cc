#include "engine/lineage/signed_log.h"

#include <algorithm>

#include "base/base64.h"
#include "base/status.h"
#include "engine/lineage/audit_leaf.h"
#include "engine/lineage/checkpoint.h"

namespace lineal::engine {

absl::StatusOr<SigningKey> SignedLog::Signer() {
  std::lock_guard lock(mutex_);
  if (key_) return *key_;
  LINEAL_ASSIGN_OR_RETURN(SigningKey key, SigningKey::LoadOrMake(key_file_.files, key_file_.path));
  const std::string bytes(key.public_key().begin(), key.public_key().end());
  Value body = Value::EmptyObject();
  body.Set("algorithm", Value("ed25519"));
  body.Set("public_key", Value(Base64(bytes)));
  LINEAL_RETURN_IF_ERROR(log_->CommitKey(bytes, {"log.key", "", "", std::move(body)}));
  return key_.emplace(std::move(key));
}

absl::StatusOr<SignedCheckpoint> SignedLog::Checkpoint() {
  LINEAL_ASSIGN_OR_RETURN(const SigningKey key, Signer());
  LINEAL_ASSIGN_OR_RETURN(const AuditLog::Root now, log_->CurrentRoot());
  SignedCheckpoint out;
  out.checkpoint = {now.head.origin, now.head.size, now.root, std::max(now.head.wall_ms, clock_->WallMs())};
  out.note = SignNote(CheckpointText(out.checkpoint), out.checkpoint.origin, key);
  return out;
}

absl::StatusOr<AuditKey> SignedLog::Key() {
  LINEAL_ASSIGN_OR_RETURN(const SigningKey key, Signer());
  LINEAL_ASSIGN_OR_RETURN(const AuditHead head, log_->Head());
  return AuditKey{head.origin, key.public_key(), VerifierText({head.origin, key.public_key()}),
                  PublicKeyPem(key.public_key())};
}

absl::StatusOr<std::vector<LoggedEntry>> SignedLog::Entries(uint64_t from, uint64_t limit) {
  LINEAL_ASSIGN_OR_RETURN(const AuditHead head, log_->Head());
  std::vector<LoggedEntry> entries;
  for (uint64_t index = from; index < head.size && entries.size() < limit; ++index) {
    LoggedEntry entry;
    entry.index = index;
    LINEAL_ASSIGN_OR_RETURN(entry.leaf, ReadLeaf(meta_, index));
    LINEAL_ASSIGN_OR_RETURN(AuditLeaf leaf, DecodeLeaf(entry.leaf));
    entry.wall_ms = leaf.wall_ms;
    entry.kind = std::move(leaf.kind);
    entry.subject = std::move(leaf.subject);
    entry.principal = std::move(leaf.principal);
    LINEAL_ASSIGN_OR_RETURN(entry.opening, meta_->Get(OpeningKey(index)));
    if (entry.opening) {
      LINEAL_ASSIGN_OR_RETURN(AuditOpening opening, DecodeOpening(*entry.opening));
      entry.body = std::move(opening.body);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

absl::StatusOr<uint64_t> SignedLog::SizeOf(uint64_t wanted, const char* name) {
  LINEAL_ASSIGN_OR_RETURN(const AuditHead head, log_->Head());
  if (wanted <= head.size) return wanted == 0 ? head.size : wanted;
  return OutOfRange(name, ": value ", wanted, " invalid, the log has ", head.size, " entries");
}

absl::StatusOr<AuditProof> SignedLog::InclusionProof(uint64_t index, uint64_t size) {
  LINEAL_ASSIGN_OR_RETURN(size, SizeOf(size, "size"));
  if (index >= size) return OutOfRange("index: value ", index, " invalid, must be below ", size);
  const StoredNodes nodes(meta_);
  AuditProof proof{.from = index, .to = size};
  LINEAL_ASSIGN_OR_RETURN(proof.leaf, nodes.Node(0, index));
  LINEAL_ASSIGN_OR_RETURN(proof.hashes, engine::InclusionProof(nodes, index, size));
  return proof;
}

absl::StatusOr<AuditProof> SignedLog::ConsistencyProof(uint64_t from, uint64_t to) {
  LINEAL_ASSIGN_OR_RETURN(to, SizeOf(to, "to"));
  if (from > to) return OutOfRange("from: value ", from, " invalid, must be at most ", to);
  AuditProof proof{.from = from, .to = to};
  LINEAL_ASSIGN_OR_RETURN(proof.hashes, engine::ConsistencyProof(StoredNodes(meta_), from, to));
  return proof;
}

}  // namespace lineal::engine
