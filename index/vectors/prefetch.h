// Software prefetch, in one place. As inline assembly: GCC 12 may drop all but the first builtin prefetch of a loop.
#pragma once

#include <algorithm>
#include <cstddef>

namespace lineal::index {

inline constexpr size_t kCacheLine = 64;

inline void PrefetchLine(const void* at) {
#if defined(__x86_64__)
  asm volatile("prefetcht0 %0" : : "m"(*static_cast<const char*>(at)));
#else
  __builtin_prefetch(at);
#endif
}

// The first lines of a row; what lies beyond, the processor fetches itself once it sees the run.
inline void PrefetchRow(const std::byte* row, size_t lines) {
  for (size_t i = 0; i < lines; ++i) PrefetchLine(row + i * kCacheLine);
}

inline size_t PrefetchedLines(size_t row_bytes) {
  return std::min<size_t>((row_bytes + kCacheLine - 1) / kCacheLine, 12);
}

}  // namespace lineal::index
