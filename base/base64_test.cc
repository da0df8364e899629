#include "base/base64.h"

#include "base/random.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

TEST(Base64, WritesTheVectorsOfItsStandard) {
  const std::pair<std::string_view, std::string_view> known[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : known) {
    EXPECT_EQ(Base64(bytes), text);
    EXPECT_EQ(FromBase64(text), bytes);
  }
}

TEST(Base64, ReadsBackWhatItWroteAndKnowsNoOtherSpelling) {
  Random random(7);
  for (size_t size = 0; size < 70; ++size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random.Below(256)));
    EXPECT_EQ(FromBase64(Base64(bytes)), bytes);
    const std::string text = Base64Url(bytes);
    EXPECT_EQ(FromBase64Url(text), bytes);
    for (size_t at = 0; at < text.size(); ++at) {
      for (int other = 0; other < 256; ++other) {
        std::string changed = text;
        changed[at] = static_cast<char>(other);
        if (changed == text) continue;
        EXPECT_NE(FromBase64Url(changed), bytes) << changed;
      }
    }
  }
  for (const char* bad : {"Zg", "Zg=", "Zh==", "Z===", "====", "Zm9v=", "Zm9v====", "Zm-v", "Zm 9"}) {
    EXPECT_EQ(FromBase64(bad), std::nullopt) << bad;
  }
  for (const char* bad : {"Z", "Zg==", "Zh", "Zm+v"}) EXPECT_EQ(FromBase64Url(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace lineal
