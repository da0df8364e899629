#include "engine/filter/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lineal::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Tokenize, SplitsAtWhatIsNeitherLetterNorDigitAndFoldsCase) {
  EXPECT_THAT(Tokenize("The quick-brown FOX, 2nd_try!"), ElementsAre("the", "quick", "brown", "fox", "2nd", "try"));
  EXPECT_THAT(Tokenize("Größe ÉCOLE ΣΟΦΟΣ Привет"), ElementsAre("größe", "école", "σοφοσ", "привет"));
  EXPECT_THAT(Tokenize(" \t--"), IsEmpty());
}

TEST(Tokenize, KeepsCombiningMarksInTheirWord) {
  EXPECT_THAT(Tokenize("हिन्दी e\u0301te"), ElementsAre("हिन्दी", "e\u0301te"));
}

TEST(Tokenize, MakesEachIdeographAWord) { EXPECT_THAT(Tokenize("日本語abc"), ElementsAre("日", "本", "語", "abc")); }

TEST(Tokenize, TakesInvalidBytesAsSeparators) {
  EXPECT_THAT(Tokenize("a\xff"
                       "b\xc3"),
              ElementsAre("a", "b"));
}

TEST(TokenSet, HasEachWordOnceInOrder) { EXPECT_THAT(TokenSet("b a B c a"), ElementsAre("a", "b", "c")); }

}  // namespace
}  // namespace lineal::engine
