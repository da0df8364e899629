// What the operating system and the allocator say of this process's memory, beside what the ledger accounts for.
//
// Threads: any.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/api/database.h"

namespace lineal::server {

struct ProcessMemory {
  uint64_t rss_anon_bytes = 0;        // physical memory of its own
  uint64_t rss_file_bytes = 0;        // mapped files, which the kernel may drop
  uint64_t ledger_bytes = 0;          // all lines together
  uint64_t allocator_free_bytes = 0;  // freed, in pages that malloc keeps for later
  int64_t unattributed_bytes = 0;     // rss_anon less the ledger and what malloc keeps
};

ProcessMemory ReadProcessMemory(uint64_t ledger_bytes);

// The lines of one moment beside the process's memory of much the same: read again, a few times at most, where that
// changed in between.
struct MemoryAccount {
  engine::CollectionMemory collection;
  ProcessMemory process;
};
absl::StatusOr<MemoryAccount> ReadMemory(engine::Database& database, engine::Collection& collection);

// RssAnon of /proc/self/status; 0 where there is none.
uint64_t AnonymousBytes();

}  // namespace lineal::server
