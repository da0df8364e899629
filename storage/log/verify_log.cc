#include "storage/log/verify_log.h"

#include <optional>

#include "base/status.h"
#include "storage/log/log_database.h"
#include "storage/log/read_back.h"

namespace lineal::storage {
namespace {

// One shard from its first entry on: what came before is released, so the first hash is taken as it is.
absl::Status VerifyShard(const LogDatabase& database, ShardId shard,
                         const std::function<void(const std::string&)>& problem) {
  std::optional<LogHead> before;
  return database.ReadShard(shard, kNoSeq, [&](Seq seq, std::string_view bytes) -> absl::Status {
    const std::string place = StrCat("change log of shard ", Raw(shard), ", entry ", Raw(seq), ": ");
    absl::StatusOr<LogEntry> entry = DecodeEntry(bytes);
    if (!entry.ok()) {
      problem(StrCat(place, MessageOf(entry.status())));
      before.reset();
      return absl::OkStatus();
    }
    if (entry->seq != seq) problem(StrCat(place, "it says that it is ", Raw(entry->seq)));
    if (before && seq != Next(before->seq)) {
      problem(StrCat(place, "entries from ", Raw(Next(before->seq)), " on are missing before it"));
    } else if (before && ChainHash(before->chain_hash, *entry) != entry->chain_hash) {
      problem(StrCat(place, "its hash does not follow from the entry before"));
    }
    if (before && entry->wall_ms < before->wall_ms)
      problem(StrCat(place, "its time is before that of the entry before"));
    before = HeadOf(*entry);
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status VerifyLog(LogDatabase& database, const std::function<void(const std::string&)>& problem) {
  if (absl::Status checked = database.VerifyChecksums(); !checked.ok()) problem(std::string(MessageOf(checked)));
  for (ShardId shard : database.Shards()) {
    if (absl::Status read = VerifyShard(database, shard, problem); !read.ok()) problem(std::string(MessageOf(read)));
  }
  return absl::OkStatus();
}

}  // namespace lineal::storage
