#include "base/memory_ledger.h"

#include "base/executor.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

MemoryOwner Owner(std::string kind) { return {.collection = "docs", .segment = "1", .kind = std::move(kind)}; }

TEST(MemoryLedger, GivesBackWhatACharge) {
  MemoryLedger ledger;
  {
    MemoryLedger::Charge charge(&ledger, Owner("graph"));
    charge.Set(100);
    charge.Set(40);
    EXPECT_EQ(ledger.total_bytes(), 40u);
  }
  EXPECT_EQ(ledger.total_bytes(), 0u);
  EXPECT_TRUE(ledger.Lines().empty());
}

TEST(MemoryLedger, AMovedChargeIsGivenBackOnce) {
  MemoryLedger ledger;
  MemoryLedger::Charge a(&ledger, Owner("graph"));
  a.Set(100);
  MemoryLedger::Charge b(std::move(a));
  EXPECT_EQ(ledger.total_bytes(), 100u);
  MemoryLedger::Charge c(&ledger, Owner("rows"));
  c.Set(7);
  c = std::move(b);
  EXPECT_EQ(ledger.total_bytes(), 100u) << "what the target held before is given back";
  EXPECT_EQ(c.bytes(), 100u);
  MemoryLedger::Charge& same = c;
  c = std::move(same);
  EXPECT_EQ(ledger.total_bytes(), 100u);
}

TEST(MemoryLedger, AddsUpTheChargesOfOneOwner) {
  MemoryLedger ledger;
  MemoryLedger::Charge a(&ledger, Owner("graph")), b(&ledger, Owner("graph")), c(&ledger, Owner("rows"));
  a.Set(1);
  b.Set(2);
  c.Set(4);
  auto lines = ledger.Lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].bytes, 3u);
  EXPECT_EQ(lines[1].bytes, 4u);
}

TEST(MemoryLedger, AsksProbesWhenItIsReadAndUntilTheyGo) {
  MemoryLedger ledger;
  MemoryLedger::Charge charge(&ledger, Owner("memtables"));
  charge.Set(5);
  uint64_t held = 100;
  {
    MemoryLedger::Probe probe(&ledger, Owner("memtables"), [&] { return held; });
    EXPECT_EQ(ledger.total_bytes(), 105u);
    held = 30;
    MemoryLedger::Probe moved(std::move(probe));
    auto lines = ledger.Lines();
    ASSERT_EQ(lines.size(), 1u) << "one owner, one line";
    EXPECT_EQ(lines[0].bytes, 35u);
    held = 0;
    EXPECT_EQ(ledger.total_bytes(), 5u);
    held = 30;
  }
  EXPECT_EQ(ledger.total_bytes(), 5u);
}

TEST(MemoryLedger, LeavesOutWhatHoldsNothing) {
  MemoryLedger ledger;
  MemoryLedger::Probe probe(&ledger, Owner("block_cache"), [] { return uint64_t{0}; });
  EXPECT_TRUE(ledger.Lines().empty());
}

TEST(MemoryLedger, StaysRightUnderManyThreads) {
  MemoryLedger ledger;
  Executor executor("test", 4);
  executor.ParallelFor(64, [&](size_t i) {
    MemoryLedger::Charge charge(&ledger, Owner(i % 2 ? "graph" : "rows"));
    for (uint64_t bytes = 0; bytes < 500; ++bytes) charge.Set(bytes);
  });
  EXPECT_EQ(ledger.total_bytes(), 0u);
}

TEST(WorkingMemory, IsTheSumOfItsPartsWhateverThreadsTakeThem) {
  MemoryLedger ledger;
  WorkingMemory working(&ledger, Owner("building"));
  WorkingMemory::Part kept(&working, 5);
  Executor executor("test", 3);
  executor.ParallelFor(1'000, [&](size_t i) {
    WorkingMemory::Part part(&working, i);
    part.Set(2 * i);
  });
  EXPECT_EQ(working.bytes(), 5u);
  {
    const WorkingMemory::Part more(&working, 70);
    EXPECT_EQ(ledger.total_bytes(), 75u);
    const WorkingMemory::Part nowhere(nullptr, 1'000);
    EXPECT_EQ(ledger.total_bytes(), 75u);
  }
  kept.Set(0);
  EXPECT_TRUE(ledger.Lines().empty());
}

}  // namespace
}  // namespace lineal
