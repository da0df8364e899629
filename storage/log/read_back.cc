#include "storage/log/read_back.h"

#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "storage/log/log_database.h"

namespace lineal::storage {
namespace {

std::string Place(ShardId shard, Seq seq) {
  return StrCat("change log of shard ", Raw(shard), ", entry ", Raw(seq), ": ");
}

absl::StatusOr<LogEntry> DecodeAt(ShardId shard, Seq seq, std::string_view bytes) {
  absl::StatusOr<LogEntry> entry = DecodeEntry(bytes);
  if (!entry.ok()) return Annotate(entry.status(), Place(shard, seq));
  if (entry->seq != seq) return DataLoss(Place(shard, seq), "it says that it is ", Raw(entry->seq));
  return entry;
}

}  // namespace

absl::StatusOr<std::vector<LogEntry>> ReadBack(const LogDatabase& database, ShardId shard, const LogHead& from) {
  std::vector<LogEntry> entries;
  LogHead end = from;
  Seq newest = kNoSeq;
  auto visit = [&](Seq seq, std::string_view bytes) -> absl::Status {
    newest = seq;
    LINEAL_ASSIGN_OR_RETURN(LogEntry entry, DecodeAt(shard, seq, bytes));
    if (seq == from.seq) {
      if (entry.chain_hash == from.chain_hash) return absl::OkStatus();
      return DataLoss(Place(shard, seq), "the data was made from another entry of this seq");
    }
    if (seq != Next(end.seq)) return DataLoss(Place(shard, Next(end.seq)), "missing; the next is ", Raw(seq));
    if (ChainHash(end.chain_hash, entry) != entry.chain_hash) {
      return DataLoss(Place(shard, seq), "its hash does not follow from the entry before");
    }
    end = HeadOf(entry);
    entries.push_back(std::move(entry));
    return absl::OkStatus();
  };
  LINEAL_RETURN_IF_ERROR(database.ReadShard(shard, from.seq, visit));
  return entries;
}

}  // namespace lineal::storage
