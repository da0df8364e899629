#include "engine/shard/origin_record.h"

#include "base/coding.h"
#include "base/hash.h"

namespace lineal::engine {
namespace {

constexpr char kRow = 'r', kContext = 'C', kSource = 'S', kContextNumber = 'x', kSourceNumber = 'y', kSourceName = 'n',
               kContextRow = 'c', kSourceRow = 's';
constexpr uint8_t kFormat = 1;
constexpr size_t kDigestBytes = 16;

std::string Prefixed(char prefix) { return std::string(1, prefix); }

std::string WithNumber(char prefix, uint32_t number) {
  std::string key = Prefixed(prefix);
  PutBig32(&key, number);
  return key;
}

std::string WithRow(std::string key, RowId row) {
  PutBig64(&key, Raw(row));
  return key;
}

std::string WithDigest(char prefix, std::string_view of) {
  std::string key = Prefixed(prefix);
  key += BytesOf(Sha256(of)).substr(0, kDigestBytes);
  return key;
}

}  // namespace

std::string EncodeOrigin(const OriginRecord& record) {
  std::string bytes;
  PutVarint(&bytes, record.context);
  PutVarint(&bytes, record.source);
  if (record.source != 0) PutVarint(&bytes, record.ordinal);
  return bytes;
}

std::optional<OriginRecord> DecodeOrigin(std::string_view bytes) {
  Reader reader(bytes);
  OriginRecord record;
  record.context = static_cast<uint32_t>(reader.Varint());
  record.source = static_cast<uint32_t>(reader.Varint());
  if (record.source != 0) record.ordinal = static_cast<uint32_t>(reader.Varint());
  if (!reader.ok()) return std::nullopt;
  return record;
}

std::string EncodeContext(const IngestContext& context) {
  std::string bytes;
  PutFixed(&bytes, kFormat);
  for (const std::string* text :
       {&context.run, &context.transform, &context.space, &context.dataset, &context.principal, &context.endpoint}) {
    PutString(&bytes, *text);
  }
  return bytes;
}

std::optional<IngestContext> DecodeContext(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Fixed<uint8_t>() != kFormat) return std::nullopt;
  IngestContext context;
  for (std::string* text :
       {&context.run, &context.transform, &context.space, &context.dataset, &context.principal, &context.endpoint}) {
    *text = std::string(reader.String());
  }
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return context;
}

std::string EncodeSource(const SourceVersion& source) {
  std::string bytes;
  PutFixed(&bytes, kFormat);
  PutString(&bytes, source.source_namespace);
  PutString(&bytes, source.name);
  PutString(&bytes, source.version);
  return bytes;
}

std::optional<SourceVersion> DecodeSource(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Fixed<uint8_t>() != kFormat) return std::nullopt;
  SourceVersion source;
  source.source_namespace = std::string(reader.String());
  source.name = std::string(reader.String());
  source.version = std::string(reader.String());
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return source;
}

std::string OriginKey(RowId row) { return WithRow(Prefixed(kRow), row); }

std::string OriginChangeKey(RowId row, Seq seq) {
  std::string key = OriginKey(row);
  PutBig64(&key, Raw(seq));
  return key;
}

std::optional<OriginPlace> PlaceOfOriginKey(std::string_view key) {
  Reader reader(key);
  if (reader.Fixed<char>() != kRow) return std::nullopt;
  OriginPlace place{RowId{reader.Big64()}};
  if (!reader.AtEnd()) place.changed = Seq{reader.Big64()};
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return place;
}

std::string ContextKey(uint32_t context) { return WithNumber(kContext, context); }
std::string SourceKey(uint32_t source) { return WithNumber(kSource, source); }
std::string ContextNumberKey(std::string_view encoded) { return WithDigest(kContextNumber, encoded); }
std::string SourceNumberKey(std::string_view encoded) { return WithDigest(kSourceNumber, encoded); }

std::string SourceVersionsKey(const SourceVersion& source) {
  std::string name;
  PutString(&name, source.source_namespace);
  PutString(&name, source.name);
  return WithDigest(kSourceName, name);
}

std::string SourceVersionKey(const SourceVersion& source, uint32_t number) {
  std::string key = SourceVersionsKey(source);
  PutBig32(&key, number);
  return key;
}

std::string ContextRowsKey(uint32_t context) { return WithNumber(kContextRow, context); }
std::string ContextRowKey(uint32_t context, RowId row) { return WithRow(ContextRowsKey(context), row); }
std::string SourceRowsKey(uint32_t source) { return WithNumber(kSourceRow, source); }
std::string SourceRowKey(uint32_t source, RowId row) { return WithRow(SourceRowsKey(source), row); }
std::string ContextPointsKey(uint32_t context) { return WithNumber(kContextPointsPrefix, context); }

uint32_t NumberAtEnd(std::string_view key) { return key.size() < 4 ? 0 : GetBig32(key.data() + key.size() - 4); }
RowId RowAtEnd(std::string_view key) { return RowId{key.size() < 8 ? 0 : GetBig64(key.data() + key.size() - 8)}; }

}  // namespace lineal::engine
