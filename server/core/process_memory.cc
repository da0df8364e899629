#include "server/core/process_memory.h"

#include "base/heap.h"
#include "server/core/process_status.h"

namespace lineal::server {

uint64_t AnonymousBytes() { return 1024 * StatusField(ReadProcessStatus(), "RssAnon:"); }

ProcessMemory ReadProcessMemory(const MemoryLedger& ledger) {
  ProcessMemory memory;
  memory.ledger_bytes = ledger.total_bytes();
  const std::string status = ReadProcessStatus();
  memory.rss_anon_bytes = 1024 * StatusField(status, "RssAnon:");
  memory.rss_file_bytes = 1024 * StatusField(status, "RssFile:");
  memory.allocator_free_bytes = ReadHeapUse().kept_bytes();
  memory.unattributed_bytes = static_cast<int64_t>(memory.rss_anon_bytes) -
                              static_cast<int64_t>(memory.ledger_bytes + memory.allocator_free_bytes);
  return memory;
}

}  // namespace lineal::server
