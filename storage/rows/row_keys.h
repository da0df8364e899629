// Keys and small values of a shard's data (docs/format/shard_store.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "storage/log/log_entry.h"
#include "storage/rows/shard_store.h"

namespace lineal::storage {

std::string RowKey(RowId row);
// A row's payload versions lie newest first.
std::string PayloadKey(RowId row, Seq born);
std::string SeqKey(Seq seq);
std::string PidKey(const PointId& id);

std::optional<RowId> RowOfKey(std::string_view key);
struct PayloadPlace {
  RowId row;
  Seq born;
};
std::optional<PayloadPlace> PlaceOfPayloadKey(std::string_view key);
std::optional<Seq> SeqOfKey(std::string_view key);

std::string EncodePid(const PidEntry& entry);
std::optional<PidEntry> DecodePid(std::string_view bytes);
std::string EncodeDied(Seq died);
std::optional<Seq> DecodeDied(std::string_view bytes);
std::string EncodeHead(const LogHead& head);
std::optional<LogHead> DecodeHead(std::string_view bytes);
std::string EncodeCommits(uint64_t commits);
std::optional<uint64_t> DecodeCommits(std::string_view bytes);
std::string EncodeChange(const ChangeRecord& change);
std::optional<ChangeRecord> DecodeChange(std::string_view bytes);

}  // namespace lineal::storage
