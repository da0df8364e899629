#include "base/heap.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/file_system.h"

namespace lineal {

#ifdef __GLIBC__

namespace {

// An arena of glibc lies in areas of this size that begin at a multiple of it; the part in use can be written, the rest
// is reserved. The first arena is the break.
constexpr uint64_t kArenaBytes = 64ull << 20;

struct Area {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool writable = false;
  bool anonymous = false;
  bool is_break = false;
};

bool ParseArea(const std::string& line, Area* area) {
  char rights[5] = {};
  unsigned long long begin = 0, end = 0, inode = 0;
  int name = 0;
  if (std::sscanf(line.c_str(), "%llx-%llx %4s %*x %*s %llu %n", &begin, &end, rights, &inode, &name) < 4) return false;
  const std::string_view path = std::string_view(line).substr(std::min<size_t>(static_cast<size_t>(name), line.size()));
  *area = {begin, end, std::string_view(rights) == "rw-p", inode == 0 && path.empty(), path == "[heap]"};
  return true;
}

uint64_t ResidentBytesOf(const Area& area) {
  return ResidentBytes({reinterpret_cast<const char*>(area.begin), area.end - area.begin});
}

}  // namespace

// glibc raises its own limit for mapped allocations to the largest one freed, and then keeps such blocks for every
// thread: a few bodies of 32 MB cost hundreds of megabytes for good. Fixed limits give them back (a corpus of 866
// hostile requests sent three times: 255 MB resident before, 100 MB with these; tests/hostile). And it makes an arena
// for each thread, up to eight a processor, in each of which freed memory stays: 64 MB of it after 70,000 points were
// loaded over REST, with two a processor 16 MB (tests/memory).
void LimitHeap(size_t processors) {
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  mallopt(M_ARENA_MAX, static_cast<int>(std::clamp<size_t>(2 * processors, 4, 1024)));
}

HeapUse ReadHeapUse() {
  HeapUse use;
  std::ifstream maps("/proc/self/maps");
  Area area, arena;
  for (std::string line; std::getline(maps, line);) {
    if (!ParseArea(line, &area)) continue;
    if (area.is_break) use.resident_bytes += ResidentBytesOf(area);
    // What may be an arena is one if the reserved rest follows it to the area's end.
    const bool rest = !area.writable && area.anonymous && area.begin == arena.end && area.end % kArenaBytes == 0;
    if (rest && area.end - arena.begin == kArenaBytes) use.resident_bytes += ResidentBytesOf(arena);
    const bool begins = area.writable && area.anonymous && area.begin % kArenaBytes == 0;
    if (begins && area.end - area.begin == kArenaBytes) use.resident_bytes += ResidentBytesOf(area);
    arena = begins ? area : Area();
  }
  use.used_bytes = mallinfo2().uordblks;
  return use;
}

void TrimHeap() { malloc_trim(0); }

#else

void LimitHeap(size_t) {}
HeapUse ReadHeapUse() { return {}; }
void TrimHeap() {}

#endif

}  // namespace lineal
