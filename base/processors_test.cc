#include "base/processors.h"

#include "base/executor.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

TEST(Processors, AreReadFromNumbersAndRanges) {
  EXPECT_EQ(*ParseProcessors(""), std::vector<int>());
  EXPECT_EQ(*ParseProcessors("3"), std::vector<int>({3}));
  EXPECT_EQ(*ParseProcessors("8,0-3,2"), std::vector<int>({0, 1, 2, 3, 8}));
  EXPECT_EQ(*ParseProcessors("1023"), std::vector<int>({1023}));
  for (const char* text : {"a", "-1", "1-", "3-2", "1,", ",1", "1;2", " 1", "1 ", "0x1", "1--2", "-", ",", "1024",
                           "0-99999999999999999999"}) {
    EXPECT_EQ(ParseProcessors(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Processors, AreWhereThreadsRunThatAreKeptToThem) {
  const std::vector<int> all = AllowedProcessors();
  ASSERT_FALSE(all.empty());
  const std::vector<int> one = {all.back()};
  std::vector<int> seen, free, none;
  Executor kept("test", 1, 0, {.processors = one});
  Executor other("test", 1);
  Executor impossible("test", 1, 0, {.processors = {1023}});
  ASSERT_TRUE(kept.Submit([&] { seen = AllowedProcessors(); }));
  ASSERT_TRUE(other.Submit([&] { free = AllowedProcessors(); }));
  ASSERT_TRUE(impossible.Submit([&] { none = AllowedProcessors(); }));
  for (Executor* executor : {&kept, &other, &impossible}) executor->Stop();
  EXPECT_EQ(seen, one);
  EXPECT_EQ(free, all);
  EXPECT_EQ(none, all);
}

}  // namespace
}  // namespace lineal
