#include "engine/segment/filter_cache.h"

#include "base/executor.h"
#include "base/status.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kRows = 100'000;

std::shared_ptr<const FilteredRows> EveryNth(uint32_t n, uint32_t sure = 1) {
  FilterBounds bounds;
  for (uint32_t row = 0; row < kRows; row += n) {
    bounds.upper.add(row);
    if (row % sure == 0) bounds.lower.add(row);
  }
  return std::make_shared<const FilteredRows>(std::move(bounds));
}

TEST(FilterCache, FindsWhatIsKeptAndTheSameRowsEveryTime) {
  for (const uint32_t n : {2u, 1'000u}) {
    FilterCache cache(kRows);
    EXPECT_EQ(cache.Find("a", 0), nullptr);
    cache.Keep("a", 0, EveryNth(n, 3));
    for (int time = 0; time < 4; ++time) {
      const auto found = cache.Find("a", 0);
      ASSERT_NE(found, nullptr);
      EXPECT_EQ(found->rows_max(), kRows / n);
      EXPECT_FALSE(found->exact());
      for (uint32_t row = 0; row < kRows; ++row) {
        ASSERT_EQ(found->MayPass(LocalId{row}), row % n == 0) << time << ' ' << row;
        ASSERT_EQ(found->SurelyPasses(LocalId{row}), row % n == 0 && row % 3 == 0) << time << ' ' << row;
      }
      EXPECT_EQ(found->upper(), EveryNth(n)->upper());
    }
    EXPECT_EQ(cache.Find("b", 0), nullptr);
  }
}

TEST(FilterCache, ForgetsWhatWasSaidBeforeRowsBecameStale) {
  FilterCache cache(kRows);
  cache.Keep("a", 5, EveryNth(3));
  EXPECT_EQ(cache.Find("a", 6), nullptr);
  cache.Keep("a", 6, EveryNth(2));
  EXPECT_EQ(cache.Find("a", 5), nullptr);
  EXPECT_EQ(cache.Find("a", 6)->rows_max(), kRows / 2);
}

TEST(FilterCache, LetsGoOfWhatWasUsedLongAgo) {
  FilterCache cache(kRows);
  for (int i = 0; i < 40; ++i) {
    cache.Keep(StrCat("once ", i), 0, EveryNth(100));
    cache.Keep(StrCat("dense ", i), 0, EveryNth(2, 3));
    for (int time = 0; time < 3; ++time) (void)cache.Find(StrCat("dense ", i), 0);
    if (i == 0) cache.Keep("again", 0, EveryNth(50));
    EXPECT_NE(cache.Find("again", 0), nullptr) << i;
    EXPECT_LE(cache.memory_bytes(), 4 * kRows);
  }
  EXPECT_EQ(cache.Find("once 0", 0), nullptr);
  EXPECT_NE(cache.Find("once 39", 0), nullptr);
  EXPECT_NE(cache.Find("again", 0), nullptr);
  // By their bytes: so many would still be few enough.
  EXPECT_EQ(cache.Find("dense 28", 0), nullptr);
}

TEST(FilterCache, KeepsWhereRowsLieBesideThem) {
  FilterCache cache(kRows);
  const auto rows = EveryNth(2);
  cache.Keep("a", 0, rows);
  std::vector<LocalId> ids;
  for (uint32_t row = kRows; row-- > 0;) ids.push_back(LocalId{row});
  const std::vector<uint32_t> begins = {0, 10, kRows};
  int made = 0;
  const auto make = [&] {
    ++made;
    return index::PassingPlaces(ids, begins, [&](LocalId id) { return rows->MayPass(id); });
  };
  const uint64_t before = cache.memory_bytes();
  const auto places = cache.PlacesOf("a", rows, 1, make);
  EXPECT_EQ(places->CountOf(0), 5u);
  EXPECT_EQ(cache.memory_bytes(), before + places->memory_bytes());
  EXPECT_EQ(cache.PlacesOf("a", rows, 1, make), places);
  EXPECT_EQ(made, 1);
  EXPECT_NE(cache.PlacesOf("a", rows, 2, make), places);
  EXPECT_EQ(made, 2);
  // Of other rows than are kept by now.
  EXPECT_NE(cache.PlacesOf("a", EveryNth(2), 1, make), places);
  EXPECT_EQ(made, 3);
  cache.Keep("a", 1, EveryNth(2));
  EXPECT_EQ(cache.memory_bytes(), before);
}

TEST(FilterCache, KeepsNothingThatIsTooLargeByItself) {
  FilterCache cache(kRows);
  FilterBounds bounds;
  for (uint32_t row = 0; row < 60'000'000; row += 2) bounds.upper.add(row);
  const auto rows = std::make_shared<const FilteredRows>(std::move(bounds));
  cache.Keep("a", 0, rows);
  EXPECT_EQ(cache.memory_bytes(), 0u);
  EXPECT_EQ(cache.Find("a", 0), nullptr);
}

TEST(FilterCache, ServesManyThreads) {
  FilterCache cache(kRows);
  Executor executor("test", 3);
  executor.ParallelFor(2'000, [&](size_t i) {
    const uint32_t n = 2 + static_cast<uint32_t>(i * 7 % 20);
    const std::string key = StrCat(n);
    auto found = cache.Find(key, 0);
    if (found == nullptr) cache.Keep(key, 0, found = EveryNth(n));
    for (uint32_t row = 0; row < 200; ++row) EXPECT_EQ(found->MayPass(LocalId{row}), row % n == 0);
  });
}

}  // namespace
}  // namespace lineal::engine
