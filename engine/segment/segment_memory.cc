#include "engine/segment/segment_memory.h"

#include <numeric>

namespace lineal::engine {

std::string_view NameOf(SegmentMemoryKind kind) {
  switch (kind) {
    case SegmentMemoryKind::kRows:
      return "rows";
    case SegmentMemoryKind::kRowBits:
      return "row_bits";
    case SegmentMemoryKind::kVectors:
      return "vectors";
    case SegmentMemoryKind::kCodes:
      return "codes";
    case SegmentMemoryKind::kGraph:
      return "graph";
    case SegmentMemoryKind::kLists:
      return "lists";
    case SegmentMemoryKind::kPayloadIndex:
      return "payload_index";
    case SegmentMemoryKind::kSearchScratch:
      return "search_scratch";
  }
  return "unknown";
}

uint64_t SegmentMemory::total() const { return std::accumulate(bytes.begin(), bytes.end(), uint64_t{0}); }

SegmentAccount::SegmentAccount(MemoryLedger* ledger, MemoryBudget* budget, const std::string& collection,
                               const std::string& segment)
    : sealing_(budget) {
  for (size_t i = 0; i < kSegmentMemoryKinds; ++i) {
    charges_[i] = MemoryLedger::Charge(
        ledger, MemoryOwner{collection, segment, std::string(NameOf(static_cast<SegmentMemoryKind>(i)))});
  }
}

void SegmentAccount::Set(const SegmentMemory& memory, uint64_t sealing_bytes) {
  std::lock_guard lock(mutex_);
  sealing_.Set(sealing_bytes);
  for (size_t i = 0; i < kSegmentMemoryKinds; ++i) charges_[i].Set(memory.bytes[i]);
}

}  // namespace lineal::engine
