#include "server/core/process_memory.h"

#include <algorithm>
#include <utility>

#include "base/heap.h"
#include "base/status.h"
#include "server/core/process_status.h"

namespace lineal::server {
namespace {

constexpr int kReadingsMax = 5;
constexpr uint64_t kStillBytes = uint64_t{1} << 20;

}  // namespace

uint64_t AnonymousBytes() { return 1024 * StatusField(ReadProcessStatus(), "RssAnon:"); }

ProcessMemory ReadProcessMemory(uint64_t ledger_bytes) {
  ProcessMemory memory;
  memory.ledger_bytes = ledger_bytes;
  memory.allocator_free_bytes = ReadHeapUse().kept_bytes();
  const std::string status = ReadProcessStatus();
  memory.rss_anon_bytes = 1024 * StatusField(status, "RssAnon:");
  memory.rss_file_bytes = 1024 * StatusField(status, "RssFile:");
  memory.unattributed_bytes = static_cast<int64_t>(memory.rss_anon_bytes) -
                              static_cast<int64_t>(memory.ledger_bytes + memory.allocator_free_bytes);
  return memory;
}

absl::StatusOr<MemoryAccount> ReadMemory(engine::Database& database, engine::Collection& collection) {
  MemoryAccount stillest;
  uint64_t least = ~uint64_t{0};
  for (int i = 0; i < kReadingsMax && least > kStillBytes; ++i) {
    const uint64_t before = AnonymousBytes();
    (void)database.memory();  // brings all collections' charges up to date
    MemoryAccount account;
    LINEAL_ASSIGN_OR_RETURN(account.collection, collection.Memory());
    account.process = ReadProcessMemory(account.collection.ledger_bytes);
    const uint64_t after = account.process.rss_anon_bytes;
    const uint64_t moved = std::max(before, after) - std::min(before, after);
    if (moved < least) least = moved, stillest = std::move(account);
  }
  return stillest;
}

}  // namespace lineal::server
