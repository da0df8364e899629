#include "base/coding.h"

#include <memory>

#include "base/random.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

TEST(Coding, VarintsOfEveryLengthComeBack) {
  std::string bytes;
  std::vector<uint64_t> values = {0, 127, 128};
  for (int shift = 0; shift < 64; ++shift) values.push_back((uint64_t{1} << shift) | 1);
  values.push_back(~uint64_t{0});
  for (uint64_t value : values) PutVarint(&bytes, value);
  Reader reader(bytes);
  for (uint64_t value : values) EXPECT_EQ(reader.Varint(), value);
  EXPECT_TRUE(reader.ok() && reader.AtEnd());
}

TEST(Coding, VarintOfMoreThan64BitsIsRefused) {
  Reader too_long(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11));
  EXPECT_EQ(too_long.Varint(), 0u);
  EXPECT_FALSE(too_long.ok());
  Reader too_big(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
  too_big.Varint();
  EXPECT_FALSE(too_big.ok());
}

TEST(Coding, ZigZagKeepsSmallMagnitudesSmall) {
  EXPECT_EQ(ZigZag(0), 0u);
  EXPECT_EQ(ZigZag(-1), 1u);
  EXPECT_EQ(ZigZag(1), 2u);
  for (int64_t value : {INT64_MIN, INT64_MAX, int64_t{-300}, int64_t{300}}) EXPECT_EQ(UnZigZag(ZigZag(value)), value);
}

TEST(Coding, BigEndianKeysOrderAsNumbersDo) {
  std::string small, large;
  PutBig64(&small, 255);
  PutBig64(&large, 256);
  EXPECT_LT(small, large);
  EXPECT_EQ(GetBig64(large.data()), 256u);
  std::string word;
  PutBig32(&word, 0x01020304);
  EXPECT_EQ(word, "\x01\x02\x03\x04");
}

TEST(Reader, GoesBadAtTheEndAndStaysBad) {
  Reader reader("abc");
  EXPECT_EQ(reader.Fixed<uint16_t>(), 0x6261);
  EXPECT_EQ(reader.Fixed<uint16_t>(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.Fixed<uint8_t>(), 0) << "one byte was left, but a bad reader gives nothing more";
  EXPECT_TRUE(reader.Bytes(0).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(Reader, RefusesAStringLongerThanWhatFollows) {
  std::string bytes;
  PutVarint(&bytes, ~uint64_t{0});
  bytes += "short";
  Reader reader(bytes);
  EXPECT_TRUE(reader.String().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(Reader, NeverReadsPastItsEnd) {
  Random random(3);
  for (int round = 0; round < 20'000; ++round) {
    // An allocation of exactly this size: a sanitizer sees one byte too many.
    const size_t size = random.Below(24);
    auto bytes = std::make_unique<char[]>(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(random.OneIn(2) ? random() : random() | 0x80);
    Reader reader(std::string_view(bytes.get(), size));
    size_t given = 0;
    while (reader.ok() && !reader.AtEnd()) {
      const size_t before = reader.rest().size();
      switch (random.Below(4)) {
        case 0:
          reader.Varint();
          break;
        case 1:
          given += reader.String().size();
          break;
        case 2:
          reader.Fixed<uint32_t>();
          break;
        case 3:
          reader.Big64();
          break;
      }
      ASSERT_LE(reader.rest().size(), before);
    }
    ASSERT_LE(given, size);
  }
}

}  // namespace
}  // namespace lineal
