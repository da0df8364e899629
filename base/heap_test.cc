#include "base/heap.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "base/executor.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

#if defined(__GLIBC__) && !defined(LINEAL_SANITIZED)

constexpr size_t kBlock = 64 << 10;
constexpr size_t kBlocks = 512;
constexpr uint64_t kAll = kBlock * kBlocks;

std::vector<char*> Fill() {
  std::vector<char*> blocks;
  for (size_t i = 0; i < kBlocks; ++i) {
    blocks.push_back(static_cast<char*>(std::malloc(kBlock)));
    std::memset(blocks.back(), 1, kBlock);
  }
  return blocks;
}

// Frees all but the last, which keeps the heap from shrinking by itself.
void FreeMost(std::vector<char*>* blocks) {
  while (blocks->size() > 1) {
    std::free(blocks->front());
    blocks->erase(blocks->begin());
  }
}

void ExpectKeptAndGivenBack() {
  std::vector<char*> blocks = Fill();
  const HeapUse full = ReadHeapUse();
  EXPECT_GE(full.used_bytes, kAll);
  EXPECT_GE(full.resident_bytes, kAll);
  FreeMost(&blocks);
  const HeapUse freed = ReadHeapUse();
  EXPECT_GE(freed.kept_bytes(), full.kept_bytes() + kAll / 10 * 9);
  TrimHeap();
  const HeapUse trimmed = ReadHeapUse();
  EXPECT_LT(trimmed.kept_bytes(), freed.kept_bytes() - kAll / 10 * 9);
  std::free(blocks.front());
}

TEST(Heap, WhatIsFreedIsKeptUntilItIsTrimmed) { ExpectKeptAndGivenBack(); }

TEST(Heap, TheArenasOfOtherThreadsCount) {
  ServiceThread thread("heap-test", ExpectKeptAndGivenBack);
  thread.Join();
}

#endif

}  // namespace
}  // namespace lineal
