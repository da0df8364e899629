#include "engine/lineage/audit_leaf.h"

#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

constexpr uint8_t kFormat = 1;

Digest ReadDigest(Reader* reader) {
  Digest digest{};
  const std::string_view bytes = reader->Bytes(digest.size());
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

}  // namespace

std::string EncodeLeaf(const AuditLeaf& leaf) {
  std::string out;
  PutFixed(&out, kFormat);
  PutFixed(&out, leaf.wall_ms);
  PutString(&out, leaf.kind);
  PutString(&out, leaf.subject);
  PutString(&out, leaf.principal);
  out.append(BytesOf(leaf.opening));
  return out;
}

absl::StatusOr<AuditLeaf> DecodeLeaf(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Fixed<uint8_t>() != kFormat) return DataLoss("a leaf of the audit log has an unknown format");
  AuditLeaf leaf;
  leaf.wall_ms = reader.Fixed<int64_t>();
  leaf.kind = std::string(reader.String());
  leaf.subject = std::string(reader.String());
  leaf.principal = std::string(reader.String());
  leaf.opening = ReadDigest(&reader);
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("a leaf of the audit log is torn");
  return leaf;
}

std::string EncodeOpening(std::string_view salt, const AuditOpening& opening) {
  LINEAL_CHECK(salt.size() == kSaltBytes);
  std::string out(salt);
  PutString(&out, ToJson(opening.body));
  PutVarint(&out, opening.records.size());
  for (const RecordDigest& record : opening.records) {
    PutString(&out, record.key);
    PutFixed(&out, static_cast<uint8_t>(record.value.has_value()));
    if (record.value) out.append(BytesOf(*record.value));
  }
  return out;
}

absl::StatusOr<AuditOpening> DecodeOpening(std::string_view bytes) {
  Reader reader(bytes);
  reader.Bytes(kSaltBytes);
  AuditOpening opening;
  const std::string_view body = reader.String();
  const uint64_t records = reader.Varint();
  for (uint64_t i = 0; i < records && reader.ok(); ++i) {
    RecordDigest& record = opening.records.emplace_back();
    record.key = std::string(reader.String());
    if (reader.Fixed<uint8_t>() != 0) record.value = ReadDigest(&reader);
  }
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("the body of an entry of the audit log is torn");
  auto parsed = ParseJson(body);
  if (!parsed.ok()) return DataLoss("the body of an entry of the audit log is no JSON");
  opening.body = *std::move(parsed);
  return opening;
}

}  // namespace lineal::engine
