// One entry of the audit log as bytes. The leaf is what the tree's hash is of, and stays for ever. What can identify
// somebody stands in the opening beside it, of which the leaf has only a salted digest: without the opening, nothing
// can be guessed from the leaf, and the tree can be verified all the same.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/hash.h"
#include "engine/payload/value.h"

namespace lineal::engine {

struct AuditLeaf {
  int64_t wall_ms = 0;
  std::string kind;
  std::string subject;
  std::string principal;
  Digest opening{};  // of its bytes
};

// A record of the catalogue that changed together with the entry.
struct RecordDigest {
  std::string key;
  std::optional<Digest> value;  // nothing: removed
};

struct AuditOpening {
  Value body;
  std::vector<RecordDigest> records;
};

std::string EncodeLeaf(const AuditLeaf& leaf);
// DATA_LOSS for bytes that no encoder wrote.
absl::StatusOr<AuditLeaf> DecodeLeaf(std::string_view bytes);

inline constexpr size_t kSaltBytes = 32;
std::string EncodeOpening(std::string_view salt, const AuditOpening& opening);
absl::StatusOr<AuditOpening> DecodeOpening(std::string_view bytes);

}  // namespace lineal::engine
