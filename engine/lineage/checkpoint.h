// A checkpoint of the audit log as text, in the shape of C2SP's tlog-checkpoint.
//
// Threads: any.
#pragma once

#include "engine/api/audit.h"
#include "engine/lineage/signed_note.h"

namespace lineal::engine {

std::string CheckpointText(const AuditCheckpoint& checkpoint);
// INVALID_ARGUMENT for another form.
absl::StatusOr<AuditCheckpoint> ParseCheckpoint(std::string_view text);

// A signed one. DATA_LOSS when the signature is not the key's.
absl::StatusOr<AuditCheckpoint> OpenCheckpoint(std::string_view note, const NoteVerifier& verifier);

}  // namespace lineal::engine
