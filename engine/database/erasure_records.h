// Erasures and backups as the catalogue keeps them, and what the audit log is told of them: numbers and digests, and
// nothing of what was erased.
//
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/erasure.h"
#include "engine/lineage/audit_log.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

std::string ErasurePrefix();
storage::MetaStore::Change ErasureChange(const Erasure& erasure);
absl::StatusOr<Erasure> DecodeErasure(const std::string& id, std::string_view bytes);
// `kind`: "erasure.begin", "erasure.done".
AuditEntry ErasureEntry(const char* kind, const Erasure& erasure);

storage::MetaStore::Change BackupChange(const std::string& collection, const std::string& directory, int64_t wall_ms);
AuditEntry BackupEntry(const std::string& collection);
// Of one collection, the oldest first.
absl::StatusOr<std::vector<KnownBackup>> BackupsOf(storage::MetaStore* meta, const std::string& collection);

// The lines of a receipt when all of it is done.
std::vector<ErasurePlace> ReceiptOf(const Erasure& erasure, int64_t wall_ms);

}  // namespace lineal::engine
