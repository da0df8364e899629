#include "storage/log/log_entry.h"

#include "base/coding.h"
#include "base/status.h"

namespace lineal::storage {
namespace {

constexpr uint8_t kFormat = 1;

// The header as far as the chain hash covers it.
std::string HashedHeader(const LogEntry& entry) {
  std::string out;
  out.reserve(128 + entry.request_id.size() + entry.principal.size());
  out.push_back(static_cast<char>(entry.format));
  PutFixed(&out, entry.epoch);
  PutFixed(&out, Raw(entry.seq));
  PutFixed(&out, entry.wall_ms);
  PutVarint(&out, entry.ingest_context);
  PutString(&out, entry.request_id);
  PutString(&out, entry.principal);
  PutVarint(&out, entry.body.size());
  out.append(BytesOf(entry.body_digest));
  return out;
}

Digest ReadDigest(Reader* reader) {
  Digest digest{};
  std::string_view bytes = reader->Bytes(digest.size());
  if (reader->ok()) std::memcpy(digest.data(), bytes.data(), bytes.size());
  return digest;
}

}  // namespace

std::string EncodeEntryHeader(const LogEntry& entry) {
  std::string out = HashedHeader(entry);
  out.append(BytesOf(entry.chain_hash));
  PutFixed(&out, Crc32c(out));
  return out;
}

std::string EncodeEntry(const LogEntry& entry) { return EncodeEntryHeader(entry) + entry.body; }

absl::StatusOr<LogEntry> DecodeEntry(std::string_view bytes) {
  Reader reader(bytes);
  LogEntry entry;
  entry.format = reader.Fixed<uint8_t>();
  if (!reader.ok()) return DataLoss("log entry is empty");
  if (entry.format != kFormat) {
    return DataLoss("log entry has format ", static_cast<int>(entry.format), ", this program reads format ",
                    static_cast<int>(kFormat));
  }
  entry.epoch = reader.Fixed<uint64_t>();
  entry.seq = Seq{reader.Fixed<uint64_t>()};
  entry.wall_ms = reader.Fixed<int64_t>();
  const uint64_t ingest_context = reader.Varint();
  entry.request_id = reader.String();
  entry.principal = reader.String();
  const uint64_t body_size = reader.Varint();
  entry.body_digest = ReadDigest(&reader);
  entry.chain_hash = ReadDigest(&reader);
  const std::string_view covered = bytes.substr(0, bytes.size() - reader.rest().size());
  const uint32_t crc = reader.Fixed<uint32_t>();
  if (!reader.ok()) return DataLoss("log entry ends within its header, after ", bytes.size(), " bytes");
  if (crc != Crc32c(covered)) return DataLoss("log entry has a wrong header checksum");
  if (ingest_context > UINT32_MAX) return DataLoss("log entry has an ingest context of ", ingest_context);
  entry.ingest_context = static_cast<uint32_t>(ingest_context);
  if (reader.rest().size() != body_size) {
    return DataLoss("log entry has a body of ", reader.rest().size(), " bytes, its header says ", body_size);
  }
  entry.body = reader.rest();
  if (Sha256(entry.body) != entry.body_digest) return DataLoss("log entry has a body that differs from its digest");
  return entry;
}

Digest ChainHash(const Digest& previous, const LogEntry& entry) {
  return Sha256(BytesOf(previous), HashedHeader(entry));
}

}  // namespace lineal::storage
