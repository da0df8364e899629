#include "base/hash.h"

#include "base/random.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

std::string RandomBytes(Random* random, size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>((*random)());
  return bytes;
}

// One bit at a time, as the polynomial is defined.
uint32_t SlowCrc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (unsigned char c : bytes) {
    crc ^= c;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

TEST(Crc32c, GivesTheKnownValues) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
}

TEST(Crc32c, IsThePolynomialAtEveryLength) {
  Random random(4);
  for (size_t size = 0; size < 70; ++size) {
    std::string bytes = RandomBytes(&random, size);
    EXPECT_EQ(Crc32c(bytes), SlowCrc32c(bytes)) << size;
  }
}

TEST(Crc32c, ContinuesWhereItStopped) {
  Random random(5);
  std::string bytes = RandomBytes(&random, 100);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(Crc32c(std::string_view(bytes).substr(cut), Crc32c(std::string_view(bytes).substr(0, cut))),
              Crc32c(bytes));
  }
}

TEST(Crc32c, SeesEverySingleFlippedBit) {
  Random random(6);
  std::string bytes = RandomBytes(&random, 64);
  const uint32_t whole = Crc32c(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    EXPECT_NE(Crc32c(bytes), whole);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
  }
}

TEST(Sha256, GivesTheKnownValues) {
  EXPECT_EQ(HexOf(BytesOf(Sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HexOf(BytesOf(Sha256(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, TakesItsPartsOneAfterAnother) { EXPECT_EQ(Sha256("ab", "c"), Sha256("abc")); }

TEST(Hash64, IsTheSameOnEveryMachine) {
  EXPECT_EQ(Hash64(""), 0x2d06800538d394c2ull);
  EXPECT_NE(Hash64("a"), Hash64("b"));
}

}  // namespace
}  // namespace lineal
