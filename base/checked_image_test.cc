#include "base/checked_image.h"

#include "base/string_sink.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

TEST(CheckedImage, IsTheSameInPiecesAndAtOnce) {
  const std::string body = std::string(3'000'000, 'x') + "the end";
  std::string whole = body;
  AppendChecksum(&whole);
  StringSink sink;
  CheckedSink pieces(&sink);
  ASSERT_TRUE(pieces.Append(std::string_view(body).substr(0, 5)).ok());
  ASSERT_TRUE(pieces.Append("").ok());
  ASSERT_TRUE(pieces.Append(std::string_view(body).substr(5)).ok());
  ASSERT_TRUE(pieces.Finish().ok());
  EXPECT_EQ(sink.bytes, whole);
  EXPECT_TRUE(ChecksumHolds(whole));
}

TEST(CheckedImage, ShowsEveryBitThatFlipped) {
  std::string image = "some rows";
  AppendChecksum(&image);
  for (size_t bit = 0; bit < 8 * image.size(); ++bit) {
    std::string damaged = image;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(ChecksumHolds(damaged)) << bit;
    if (bit / 8 < image.size() - kChecksumBytes) continue;
    MendChecksum(&damaged);
    EXPECT_EQ(damaged, image);
  }
  EXPECT_FALSE(ChecksumHolds(std::string_view(image).substr(0, image.size() - 1)));
}

TEST(CheckedImage, AnImageOfNothingButItsChecksumHolds) {
  std::string image;
  AppendChecksum(&image);
  EXPECT_TRUE(ChecksumHolds(image));
  EXPECT_FALSE(ChecksumHolds("abc"));
  std::string small = "abc";
  MendChecksum(&small);
  EXPECT_EQ(small, "abc");
}

}  // namespace
}  // namespace lineal
