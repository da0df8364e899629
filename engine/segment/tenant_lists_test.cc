#include "engine/segment/tenant_lists.h"

#include "engine/segment/tenant_test_data.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

using Data = TenantTestData;

std::vector<MustHold> One(const MustHold& condition) { return {condition}; }

TEST(TenantLists, AreOfThoseWithRowsEnoughButNotOfAll) {
  const Data data;
  const auto lists = data.Make();
  EXPECT_EQ(lists->tenants(), 2u);
  EXPECT_EQ(lists->Find(One(Data::Is("few"))), nullptr);
  EXPECT_EQ(lists->Find(One(Data::Is("all"))), nullptr);
  const index::IvfIndex* second = lists->Find(One(Data::Is("second")));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->size(), Data::kSecond);
  for (const LocalId id : second->ids()) {
    EXPECT_GE(Raw(id), Data::kFirst);
    EXPECT_LT(Raw(id), Data::kFirst + Data::kSecond);
  }
}

TEST(TenantLists, AreFoundByConditionsOfOneValueOnly) {
  const Data data;
  const auto lists = data.Make();
  const auto found = [&](FieldCondition condition, bool as_uuid = false) {
    return lists->Find(One({std::move(condition), as_uuid})) != nullptr;
  };
  EXPECT_TRUE(found({"group", MatchAny{{MatchScalar("first")}}}));
  EXPECT_FALSE(found({"group", MatchAny{{MatchScalar("first"), MatchScalar("second")}}}));
  EXPECT_FALSE(found({"group", MatchExcept{{MatchScalar("first")}}}));
  EXPECT_FALSE(found({"group", MatchValue{int64_t{1}}}));
  EXPECT_FALSE(found({"other", MatchValue{"first"}}));
  EXPECT_FALSE(found({"group", MatchValue{"first"}}, true));
  EXPECT_EQ(lists->Find({}), nullptr);
  const std::vector<MustHold> both = {Data::Is("first"), Data::Is("second")};
  EXPECT_EQ(lists->Find(both)->size(), Data::kSecond);
}

TEST(TenantLists, AreReadAsTheyWereWritten) {
  Data data;
  const std::string image = data.Image();
  const auto load = [&](std::string_view bytes, uint32_t rows = Data::kRows) {
    return TenantLists::Load(bytes, data.fields(), Data::kFormat, data.view(), rows);
  };
  const auto loaded = load(image);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE((*loaded)->AreOf(data.fields()));
  const auto made = data.Make();
  for (const char* term : {"first", "second"}) {
    const auto a = made->Find(One(Data::Is(term)))->ids(), b = (*loaded)->Find(One(Data::Is(term)))->ids();
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << term;
  }
  EXPECT_EQ(load(image, 2'000).status().code(), absl::StatusCode::kDataLoss);
  for (const size_t size : {size_t{0}, size_t{3}, size_t{13}, size_t{40}, image.size() / 2, image.size() - 1}) {
    EXPECT_EQ(load(image.substr(0, size)).status().code(), absl::StatusCode::kDataLoss) << size;
  }
  EXPECT_EQ(load(image + "x").status().code(), absl::StatusCode::kDataLoss);
  for (const size_t place : {size_t{0}, size_t{5}, size_t{14}, size_t{20}, image.size() / 2}) {
    std::string damaged = image;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x40);
    EXPECT_EQ(load(damaged).status().code(), absl::StatusCode::kDataLoss) << place;
  }
  data.field().number = 8;
  ASSERT_TRUE(load(image).ok());
  EXPECT_EQ(*load(image), nullptr);
}

}  // namespace
}  // namespace lineal::engine
