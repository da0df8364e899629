// What a segment holds in memory, by kind, and its account in the memory ledger.
//
// Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/memory_budget.h"
#include "base/memory_ledger.h"

namespace lineal::engine {

enum class SegmentMemoryKind : uint8_t {
  kRows,           // ids, births and deaths
  kRowBits,        // which rows have a vector, which have had their payload changed
  kVectors,        // of a growing segment; a sealed one maps them
  kCodes,          // by which graphs are walked
  kGraph,          // of a growing segment, or under construction
  kLists,          // of a sealed segment
  kPayloadIndex,   // of a growing segment, and what a sealed one unpacks
  kSearchScratch,  // what searches keep for the next one
};
inline constexpr size_t kSegmentMemoryKinds = 8;
std::string_view NameOf(SegmentMemoryKind kind);

struct SegmentMemory {
  std::array<uint64_t, kSegmentMemoryKinds> bytes{};

  uint64_t& operator[](SegmentMemoryKind kind) { return bytes[static_cast<size_t>(kind)]; }
  uint64_t total() const;
};

// Bytes of a mapped file, and how many of them are in physical memory; the kernel may drop those and read them again.
struct MappedBytes {
  std::string kind;  // "vectors", "graph", "payload_index"
  uint64_t bytes = 0;
  uint64_t resident_bytes = 0;
};

// The charges of one segment, given back when the last holder of the segment lets it go.
class SegmentAccount {
 public:
  // `budget` may be null.
  SegmentAccount(MemoryLedger* ledger, MemoryBudget* budget, const std::string& collection, const std::string& segment);
  // What is held, and what sealing will take.
  void Set(const SegmentMemory& memory, uint64_t sealing_bytes);

 private:
  std::mutex mutex_;
  std::array<MemoryLedger::Charge, kSegmentMemoryKinds> charges_;
  MemoryBudget::Provision sealing_;
};

}  // namespace lineal::engine
