#include "base/uuid.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/ids.h"

namespace lineal {
namespace {

TEST(Uuid, IsNewEachTimeAndOfVersionSeven) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const std::string uuid = NewUuid(1'700'000'000'000);
    EXPECT_TRUE(seen.insert(uuid).second);
    EXPECT_TRUE(PointId::ParseUuid(uuid).has_value()) << uuid;
    EXPECT_EQ(uuid[14], '7');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
  }
}

TEST(Uuid, IsGreaterWhenItIsLater) { EXPECT_LT(NewUuid(1'700'000'000'000), NewUuid(1'700'000'000'001)); }

}  // namespace
}  // namespace lineal
