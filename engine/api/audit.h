// The log of what happened to the things that others rely on, as it can be checked from outside: entries in their
// order, signed checkpoints, and proofs. docs/format/audit_log.md has every byte.
//
// Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/hash.h"
#include "engine/payload/value.h"

namespace lineal::engine {

using PublicKey = std::array<uint8_t, 32>;  // of Ed25519

struct LoggedEntry {
  uint64_t index = 0;
  int64_t wall_ms = 0;
  std::string kind;                    // "alias.set"
  std::string subject;                 // what it happened to
  std::string principal;               // who was authorized; may be empty
  std::optional<Value> body;           // nothing: erased
  std::string leaf;                    // the bytes that the tree's hash is of
  std::optional<std::string> opening;  // salt and body, whose digest the leaf has; nothing: erased
};

struct AuditCheckpoint {
  std::string origin;  // the log's name
  uint64_t size = 0;
  Digest root{};
  int64_t wall_ms = 0;
};
struct SignedCheckpoint {
  AuditCheckpoint checkpoint;
  std::string note;  // the text that is signed, and its signature
};

struct AuditKey {
  std::string name;
  PublicKey key{};
  std::string verifier;  // name, id and key in one line, as verifiers of signed notes take it
  std::string pem;
};

struct AuditProof {
  Digest leaf{};  // of inclusion
  uint64_t from = 0;
  uint64_t to = 0;
  std::vector<Digest> hashes;
};

class Audit {
 public:
  virtual ~Audit() = default;

  // Of all entries there are, signed now.
  virtual absl::StatusOr<SignedCheckpoint> Checkpoint() = 0;
  virtual absl::StatusOr<AuditKey> Key() = 0;
  // At most `limit`, from index `from` on.
  virtual absl::StatusOr<std::vector<LoggedEntry>> Entries(uint64_t from, uint64_t limit) = 0;
  // That entry `index` is one of the first `size`; 0 for all there are. INVALID_ARGUMENT of kind out of range.
  virtual absl::StatusOr<AuditProof> InclusionProof(uint64_t index, uint64_t size) = 0;
  // That the first `from` entries are the first of the first `to`; 0 for all there are.
  virtual absl::StatusOr<AuditProof> ConsistencyProof(uint64_t from, uint64_t to) = 0;
};

}  // namespace lineal::engine
