#include "storage/rows/row_keys.h"

#include "base/coding.h"

namespace lineal::storage {
namespace {

constexpr uint8_t kChangeFormat = 1;

// Rows as differences of either sign: the rows of one request are usually consecutive.
void PutRows(std::string* out, const std::vector<RowId>& rows) {
  PutVarint(out, rows.size());
  uint64_t before = 0;
  for (RowId row : rows) {
    PutVarint(out, ZigZag(static_cast<int64_t>(Raw(row) - before)));
    before = Raw(row);
  }
}

bool ReadRows(Reader* reader, std::vector<RowId>* rows) {
  const uint64_t count = reader->Varint();
  // Each takes a byte at least: a damaged count must not make us allocate.
  if (!reader->ok() || count > reader->rest().size()) return false;
  rows->reserve(count);
  uint64_t row = 0;
  for (uint64_t i = 0; i < count; ++i) {
    row += static_cast<uint64_t>(UnZigZag(reader->Varint()));
    rows->push_back(RowId{row});
  }
  return reader->ok();
}

void ReadDigestInto(Reader* reader, Digest* digest) {
  std::string_view bytes = reader->Bytes(digest->size());
  if (reader->ok()) std::memcpy(digest->data(), bytes.data(), bytes.size());
}

}  // namespace

std::string RowKey(RowId row) {
  std::string key;
  PutBig64(&key, Raw(row));
  return key;
}

std::string PayloadKey(RowId row, Seq born) {
  std::string key;
  PutBig64(&key, Raw(row));
  PutBig64(&key, ~Raw(born));
  return key;
}

std::string SeqKey(Seq seq) {
  std::string key;
  PutBig64(&key, Raw(seq));
  return key;
}

std::string PidKey(const PointId& id) {
  std::string key;
  id.AppendKey(&key);
  return key;
}

std::optional<RowId> RowOfKey(std::string_view key) {
  if (key.size() != 8) return std::nullopt;
  return RowId{GetBig64(key.data())};
}

std::optional<PayloadPlace> PlaceOfPayloadKey(std::string_view key) {
  if (key.size() != 16) return std::nullopt;
  return PayloadPlace{RowId{GetBig64(key.data())}, Seq{~GetBig64(key.data() + 8)}};
}

std::optional<Seq> SeqOfKey(std::string_view key) {
  if (key.size() != 8) return std::nullopt;
  return Seq{GetBig64(key.data())};
}

// A living point ends after its row's birth; a dead one goes on with its age at death.
std::string EncodePid(const PidEntry& entry) {
  std::string out;
  PutVarint(&out, Raw(entry.row));
  PutVarint(&out, Raw(entry.born));
  if (!entry.alive()) PutVarint(&out, Raw(entry.died) - Raw(entry.born));
  return out;
}

std::optional<PidEntry> DecodePid(std::string_view bytes) {
  Reader reader(bytes);
  PidEntry entry;
  entry.row = RowId{reader.Varint()};
  entry.born = Seq{reader.Varint()};
  if (reader.ok() && !reader.AtEnd()) entry.died = Seq{Raw(entry.born) + reader.Varint()};
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return entry;
}

std::string EncodeDied(Seq died) {
  std::string out;
  PutVarint(&out, Raw(died));
  return out;
}

std::optional<Seq> DecodeDied(std::string_view bytes) {
  Reader reader(bytes);
  const Seq died{reader.Varint()};
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return died;
}

std::string EncodeHead(const LogHead& head) {
  std::string out;
  PutFixed(&out, Raw(head.seq));
  PutFixed(&out, head.wall_ms);
  out.append(BytesOf(head.chain_hash));
  return out;
}

std::optional<LogHead> DecodeHead(std::string_view bytes) {
  Reader reader(bytes);
  LogHead head;
  head.seq = Seq{reader.Fixed<uint64_t>()};
  head.wall_ms = reader.Fixed<int64_t>();
  ReadDigestInto(&reader, &head.chain_hash);
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return head;
}

std::string EncodeCommits(uint64_t commits) {
  std::string out;
  PutFixed(&out, commits);
  return out;
}

std::optional<uint64_t> DecodeCommits(std::string_view bytes) {
  Reader reader(bytes);
  const uint64_t commits = reader.Fixed<uint64_t>();
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return commits;
}

std::string EncodeChange(const ChangeRecord& change) {
  std::string out;
  out.push_back(static_cast<char>(kChangeFormat));
  PutFixed(&out, change.wall_ms);
  out.append(BytesOf(change.body_digest));
  out.append(BytesOf(change.chain_hash));
  PutRows(&out, change.born);
  PutRows(&out, change.died);
  PutRows(&out, change.payload_changed);
  if (change.context != 0) PutVarint(&out, change.context);
  return out;
}

std::optional<ChangeRecord> DecodeChange(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Fixed<uint8_t>() != kChangeFormat) return std::nullopt;
  ChangeRecord change;
  change.wall_ms = reader.Fixed<int64_t>();
  ReadDigestInto(&reader, &change.body_digest);
  ReadDigestInto(&reader, &change.chain_hash);
  if (!ReadRows(&reader, &change.born) || !ReadRows(&reader, &change.died) ||
      !ReadRows(&reader, &change.payload_changed)) {
    return std::nullopt;
  }
  if (!reader.AtEnd()) change.context = static_cast<uint32_t>(reader.Varint());
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return change;
}

}  // namespace lineal::storage
