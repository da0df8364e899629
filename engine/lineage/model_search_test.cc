#include "engine/lineage/model_search.h"

#include <gtest/gtest.h>

namespace lineal::engine {
namespace {

TEST(ModelSearch, MatchesTextAsLikeDoes) {
  EXPECT_TRUE(LikeMatches("", "", false));
  EXPECT_TRUE(LikeMatches("", "%", false));
  EXPECT_FALSE(LikeMatches("", "_", false));
  EXPECT_FALSE(LikeMatches("a", "", false));
  EXPECT_TRUE(LikeMatches("abcabd", "%abd", false));
  EXPECT_TRUE(LikeMatches("abc", "a%%c%", false));
  EXPECT_FALSE(LikeMatches("abc", "a_", false));
  EXPECT_TRUE(LikeMatches("abc", "a__", false));
  EXPECT_TRUE(LikeMatches("a\nb", "a%b", false));
  EXPECT_FALSE(LikeMatches("ABC", "abc", false));
  EXPECT_TRUE(LikeMatches("ABC", "aBc", true));
  EXPECT_TRUE(LikeMatches("a.c", "a.c", false));
  EXPECT_FALSE(LikeMatches("abc", "a.c", false));
  // One character of two bytes.
  EXPECT_TRUE(LikeMatches("x\xc3\xa9y", "x_y", false));
  EXPECT_FALSE(LikeMatches("x\xc3\xa9y", "x__y", false));
}

TEST(ModelSearch, DoesNotTakeForeverOverManyPercents) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "%a";
  EXPECT_FALSE(LikeMatches(std::string(1'000, 'a'), pattern + "b", false));
  EXPECT_TRUE(LikeMatches(std::string(1'000, 'a'), pattern, false));
}

}  // namespace
}  // namespace lineal::engine
