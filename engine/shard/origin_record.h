// Where a row came from, as it lies in the `origin` family (docs/format/origin.md): numbers that the shard gave to
// contexts and sources when it first met them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "engine/api/origin.h"

namespace lineal::engine {

// Among the shard's meta values: the first row that says where it came from.
inline constexpr char kOriginsFromKey[] = "origins_from";

struct OriginRecord {
  uint32_t context = 0;  // 0: nothing is known
  uint32_t source = 0;   // 0: none
  uint32_t ordinal = 0;
};
std::string EncodeOrigin(const OriginRecord& record);
std::optional<OriginRecord> DecodeOrigin(std::string_view bytes);

// One form for what is equal.
std::string EncodeContext(const IngestContext& context);
std::optional<IngestContext> DecodeContext(std::string_view bytes);
std::string EncodeSource(const SourceVersion& source);
std::optional<SourceVersion> DecodeSource(std::string_view bytes);

// Keys. Of a row's birth, and of a later change of its payload, which lie behind the birth in the order of their seqs.
std::string OriginKey(RowId row);
std::string OriginChangeKey(RowId row, Seq seq);
struct OriginPlace {
  RowId row;
  Seq changed = kNoSeq;  // kNoSeq: the birth
};
std::optional<OriginPlace> PlaceOfOriginKey(std::string_view key);
// What a number stands for.
std::string ContextKey(uint32_t context);
std::string SourceKey(uint32_t source);
// The number of a context or source, by its encoded form.
std::string ContextNumberKey(std::string_view encoded);
std::string SourceNumberKey(std::string_view encoded);
// All versions of a source: the prefix, and one of them.
std::string SourceVersionsKey(const SourceVersion& source);
std::string SourceVersionKey(const SourceVersion& source, uint32_t number);
// All rows of a context or source: the prefix, and one of them.
std::string ContextRowsKey(uint32_t context);
std::string ContextRowKey(uint32_t context, RowId row);
std::string SourceRowsKey(uint32_t source);
std::string SourceRowKey(uint32_t source, RowId row);
// Living points of a context.
std::string ContextPointsKey(uint32_t context);
inline constexpr char kContextPointsPrefix = 'l';

// The last four, or eight, bytes of a key above.
uint32_t NumberAtEnd(std::string_view key);
RowId RowAtEnd(std::string_view key);

}  // namespace lineal::engine
