// What a collection holds in memory, as the doors tell it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lineal::engine {

struct MemoryLine {
  std::string segment;  // "shard-number", or the shard for what belongs to none
  std::string kind;     // "rows", "vectors", "codes", "graph", "payload_index", "memtables", ...
  uint64_t bytes = 0;
};
// A mapped file: the kernel drops its pages when it needs memory, and reads them again.
struct MappedLine {
  std::string segment;
  std::string kind;
  uint64_t bytes = 0;
  uint64_t resident_bytes = 0;  // in physical memory
};
struct CollectionMemory {
  std::vector<MemoryLine> held;
  std::vector<MemoryLine> shared;  // of the process; of the same moment
  uint64_t ledger_bytes = 0;       // of all collections and the process; of the same moment
  std::vector<MappedLine> mapped;
};

}  // namespace lineal::engine
