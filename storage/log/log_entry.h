// One entry of a shard's change log (docs/format/change_log.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/hash.h"
#include "base/ids.h"

namespace lineal::storage {

// What a writer brings.
struct EntryDraft {
  std::string body;        // opaque here; the engine's operation bytes
  std::string request_id;  // "" for none
  std::string principal;
  uint32_t ingest_context = 0;
  bool frees_space = false;  // a delete: accepted from the disk reserve
};

struct LogEntry {
  uint8_t format = 1;
  uint64_t epoch = 0;
  Seq seq = kNoSeq;
  int64_t wall_ms = 0;  // monotone within the shard
  std::string request_id;
  std::string principal;
  uint32_t ingest_context = 0;
  Digest body_digest{};
  Digest chain_hash{};  // SHA-256(previous chain hash, header with body digest)
  std::string body;
};

// The end of a chain: where the next entry goes on from.
struct LogHead {
  Seq seq = kNoSeq;
  int64_t wall_ms = 0;
  Digest chain_hash{};
};

std::string EncodeEntry(const LogEntry& entry);
// All but the body, which follows it.
std::string EncodeEntryHeader(const LogEntry& entry);
// DATA_LOSS naming what is wrong: checksum, digest, format, length.
absl::StatusOr<LogEntry> DecodeEntry(std::string_view bytes);
// The chain hash an entry must have after `previous`.
Digest ChainHash(const Digest& previous, const LogEntry& entry);

}  // namespace lineal::storage
