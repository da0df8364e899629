// The C library's heap: kept small, looked into, and handed back to the system.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lineal {

// Call before there are threads. See the body for why and how much.
void LimitHeap(size_t processors);

struct HeapUse {
  uint64_t used_bytes = 0;      // allocated, large blocks with mappings of their own left out
  uint64_t resident_bytes = 0;  // physical memory of the heap's pages
  // Freed, and kept for later in pages that are still there.
  uint64_t kept_bytes() const { return resident_bytes > used_bytes ? resident_bytes - used_bytes : 0; }
};
// Zeroes where the C library or the system does not say. Takes about a millisecond.
HeapUse ReadHeapUse();

// Gives whole free pages back. Takes milliseconds for each hundred megabytes, in which other threads may have to wait
// for the heap: to be called after much was freed, not otherwise.
void TrimHeap();

}  // namespace lineal
