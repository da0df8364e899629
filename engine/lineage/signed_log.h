// The audit log as it is checked from outside: signed, with proofs. The key is made when it is first asked for, in a
// file of its own, and the log says so.
//
// Threads: any.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "engine/api/audit.h"
#include "engine/lineage/audit_log.h"
#include "engine/lineage/signing_key.h"

namespace lineal::engine {

struct KeyFile {
  FileSystem* files = nullptr;
  std::string path;
};

class SignedLog final : public Audit {
 public:
  // All outlive this.
  SignedLog(storage::MetaStore* meta, const Clock* clock, AuditLog* log, KeyFile key_file)
      : meta_(meta), clock_(clock), log_(log), key_file_(std::move(key_file)) {}

  absl::StatusOr<SignedCheckpoint> Checkpoint() override;
  absl::StatusOr<AuditKey> Key() override;
  absl::StatusOr<std::vector<LoggedEntry>> Entries(uint64_t from, uint64_t limit) override;
  absl::StatusOr<AuditProof> InclusionProof(uint64_t index, uint64_t size) override;
  absl::StatusOr<AuditProof> ConsistencyProof(uint64_t from, uint64_t to) override;

  // After the log has an entry for it.
  absl::StatusOr<SigningKey> Signer();

 private:
  absl::StatusOr<uint64_t> SizeOf(uint64_t wanted, const char* name);

  storage::MetaStore* const meta_;
  const Clock* const clock_;
  AuditLog* const log_;
  const KeyFile key_file_;
  std::mutex mutex_;
  std::optional<SigningKey> key_;
};

}  // namespace lineal::engine
