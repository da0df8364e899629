#include "base/ids.h"

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

constexpr char kText[] = "550e8400-e29b-41d4-a716-446655440000";
constexpr PointId kUuid = PointId::Uuid(0x550e8400e29b41d4, 0xa716446655440000);

std::string KeyOf(const PointId& id) {
  std::string key;
  id.AppendKey(&key);
  return key;
}

TEST(PointId, ReadsEveryFormOfAUuid) {
  for (const char* text : {"550e8400-e29b-41d4-a716-446655440000", "550E8400-E29B-41D4-A716-446655440000",
                           "550e8400e29b41d4a716446655440000", "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
                           "{550e8400-e29b-41d4-a716-446655440000}"}) {
    EXPECT_EQ(PointId::ParseUuid(text), kUuid) << text;
  }
}

TEST(PointId, RefusesWhatIsNoUuid) {
  for (const char* text : {"", "550e8400", "550e8400-e29b-41d4-a716-44665544000",
                           "550e8400-e29b-41d4-a716-4466554400000", "550e8400_e29b-41d4-a716-446655440000",
                           "550e8400-e29b-41d4-a716-44665544000g", "550e-8400e29b-41d4-a716-446655440000",
                           "urn:uuid:550e8400e29b41d4a716446655440000", "{550e8400-e29b-41d4-a716-446655440000",
                           "550e8400e29b41d4a71644665544000-", "urn:uuid:", "{{50e8400-e29b-41d4-a716-44665544000}}"}) {
    EXPECT_EQ(PointId::ParseUuid(text), std::nullopt) << text;
  }
}

TEST(PointId, ReadsNumbersToTheirEndAndNotBeyond) {
  EXPECT_EQ(PointId::Parse("0"), PointId::Number(0));
  EXPECT_EQ(PointId::Parse("18446744073709551615"), PointId::Number(18446744073709551615u));
  for (const char* text : {"18446744073709551616", "-1", "+1", "1.0", "1e3", " 1", "1 ", ""}) {
    EXPECT_EQ(PointId::Parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(PointId::Parse(kText), kUuid);
}

TEST(PointId, WritesWhatItReads) {
  EXPECT_EQ(kUuid.ToString(), kText);
  EXPECT_EQ(PointId::Number(42).ToString(), "42");
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    PointId id = i % 2 ? PointId::Number(random()) : PointId::Uuid(random(), random());
    EXPECT_EQ(PointId::Parse(id.ToString()), id);
    EXPECT_EQ(PointId::FromKey(KeyOf(id)), id);
  }
}

TEST(PointId, KeysOrderAsIdsDo) {
  Random random(2);
  std::vector<PointId> ids = {PointId::Number(0), PointId::Number(~uint64_t{0}), PointId::Uuid(0, 0)};
  for (int i = 0; i < 500; ++i) {
    // Few distinct words, so that ties in the first word are met.
    ids.push_back(PointId::Uuid(random.Below(4), random()));
    ids.push_back(PointId::Number(random() >> random.Below(64)));
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end(), [](auto& a, auto& b) { return KeyOf(a) < KeyOf(b); }));
  auto first_uuid = std::find_if(ids.begin(), ids.end(), [](auto& id) { return id.is_uuid(); });
  EXPECT_TRUE(std::all_of(first_uuid, ids.end(), [](auto& id) { return id.is_uuid(); }));
}

TEST(PointId, RefusesKeysThatAreNone) {
  const std::string number = KeyOf(PointId::Number(7));
  EXPECT_EQ(PointId::FromKey(""), std::nullopt);
  EXPECT_EQ(PointId::FromKey(number.substr(1)), std::nullopt);
  EXPECT_EQ(PointId::FromKey(number + "x"), std::nullopt);
  EXPECT_EQ(PointId::FromKey("\3" + number.substr(1)), std::nullopt);
}

TEST(PointId, SlotHashIsTheSameOnEveryMachine) {
  EXPECT_EQ(SlotHash(PointId::Number(1)), SlotHash(PointId::Number(1)));
  EXPECT_NE(SlotHash(PointId::Number(1)), SlotHash(PointId::Uuid(0, 1)));
  EXPECT_EQ(SlotHash(PointId::Number(42)), 5096793477454505956ull);
  EXPECT_EQ(SlotHash(kUuid), 7027685091765368575ull);
}

}  // namespace
}  // namespace lineal
