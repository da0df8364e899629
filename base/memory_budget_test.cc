#include "base/memory_budget.h"

#include "base/status.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

constexpr uint64_t kLimit = 1'600;  // less a reserve of 100

class MemoryBudgetTest : public testing::Test {
 protected:
  MemoryBudgetTest() : charge_(&ledger_, MemoryOwner{.kind = "rows"}) {}
  void LaterBy(int64_t ms) { clock_.AdvanceMs(ms); }

  MemoryLedger ledger_;
  MemoryLedger::Charge charge_;
  FakeClock clock_;
};

TEST_F(MemoryBudgetTest, RefusesWhatWouldGoBeyondAndNamesTheFigures) {
  MemoryBudget budget(&ledger_, kLimit, &clock_, 10);
  charge_.Set(1'200);
  EXPECT_TRUE(budget.Take(300).ok());
  const absl::Status refused = budget.Take(1);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(KindOf(refused), ErrorKind::kOverload);
  EXPECT_NE(refused.message().find("1500 bytes are held"), absl::string_view::npos) << refused;
  EXPECT_NE(refused.message().find("memory_limit_bytes is 1600, of which 100 are kept"), absl::string_view::npos)
      << refused;
}

TEST_F(MemoryBudgetTest, GoesOnWhenSomethingWasGivenBack) {
  MemoryBudget budget(&ledger_, kLimit, &clock_, 10);
  charge_.Set(1'490);
  EXPECT_FALSE(budget.Take(100).ok());
  charge_.Set(1'000);
  EXPECT_FALSE(budget.Take(100).ok()) << "the ledger is not read again so soon";
  LaterBy(10);
  EXPECT_TRUE(budget.Take(500).ok());
  EXPECT_FALSE(budget.Take(1).ok());
  LaterBy(10);
  EXPECT_TRUE(budget.Take(500).ok()) << "what was granted is in the ledger by now, or gone";
}

TEST_F(MemoryBudgetTest, WithoutALimitNothingIsRefused) {
  MemoryBudget budget(&ledger_, 0, &clock_);
  charge_.Set(1ull << 50);
  EXPECT_TRUE(budget.Take(1ull << 50).ok());
}

TEST_F(MemoryBudgetTest, KeepsBackWhatIsProvidedForUntilItIsGivenUp) {
  MemoryBudget budget(&ledger_, kLimit, &clock_, 10);
  charge_.Set(1'000);
  {
    MemoryBudget::Provision first(&budget), second(&budget);
    first.Set(300);
    second.Set(150);
    const absl::Status refused = budget.Take(51);
    EXPECT_NE(refused.message().find("of which 550 are kept"), absl::string_view::npos) << refused;
    EXPECT_TRUE(budget.Take(50).ok());
    first.Set(200);
    EXPECT_TRUE(budget.Take(100).ok());
    EXPECT_FALSE(budget.Take(1).ok());
    first.Set(10'000);
    EXPECT_FALSE(budget.Take(1).ok()) << "more is kept than the limit";
  }
  EXPECT_TRUE(budget.Take(350).ok());
  EXPECT_FALSE(budget.Take(1).ok());
}

}  // namespace
}  // namespace lineal
