#include "server/core/access.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace lineal::server {
namespace {

using absl::StatusCode;

constexpr Right kRights[] = {Right::kRead, Right::kWrite, Right::kManage};

TEST(AccessControl, AllowsEverythingWithoutKeys) {
  const AccessControl access("", "");
  EXPECT_TRUE(access.open());
  for (Right right : kRights) {
    EXPECT_TRUE(access.Authorize("", right).ok());
    EXPECT_TRUE(access.Authorize("anything", right).ok());
  }
}

TEST(AccessControl, HoldsTheRightsOfEachKey) {
  const AccessControl access("admin-key", "reader-key");
  EXPECT_FALSE(access.open());
  struct Case {
    std::string_view key;
    Right right;
    StatusCode code;
  };
  const Case cases[] = {
      {"admin-key", Right::kRead, StatusCode::kOk},
      {"admin-key", Right::kWrite, StatusCode::kOk},
      {"admin-key", Right::kManage, StatusCode::kOk},
      {"reader-key", Right::kRead, StatusCode::kOk},
      {"reader-key", Right::kWrite, StatusCode::kPermissionDenied},
      {"reader-key", Right::kManage, StatusCode::kPermissionDenied},
      {"wrong", Right::kRead, StatusCode::kUnauthenticated},
      {"wrong", Right::kWrite, StatusCode::kUnauthenticated},
      {"wrong", Right::kManage, StatusCode::kUnauthenticated},
      {"", Right::kRead, StatusCode::kUnauthenticated},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(access.Authorize(c.key, c.right).code(), c.code) << c.key << " " << static_cast<int>(c.right);
  }
}

TEST(AccessControl, RefusesBeginningsEndingsAndDigestsOfTheKey) {
  const AccessControl access("admin-key", "");
  for (std::string_view key : {"admin-ke", "admin-key ", "dmin-key", "ADMIN-KEY"}) {
    EXPECT_EQ(access.Authorize(key, Right::kRead).code(), StatusCode::kUnauthenticated) << key;
  }
  const Digest digest = Sha256("admin-key");
  EXPECT_FALSE(access.Authorize(BytesOf(digest), Right::kRead).ok());
  EXPECT_FALSE(access.Authorize(HexOf(BytesOf(digest)), Right::kRead).ok());
}

TEST(AccessControl, ReadOnlyKeyAloneLetsNobodyWrite) {
  const AccessControl access("", "reader-key");
  EXPECT_FALSE(access.open());
  EXPECT_TRUE(access.Authorize("reader-key", Right::kRead).ok());
  EXPECT_FALSE(access.Authorize("reader-key", Right::kWrite).ok());
  EXPECT_EQ(access.Authorize("", Right::kRead).code(), StatusCode::kUnauthenticated);
}

TEST(AccessControl, MessagesNeverHoldTheKey) {
  const AccessControl access("admin-key", "reader-key");
  for (std::string_view key : {"reader-key", "guess"}) {
    const absl::Status status = access.Authorize(key, Right::kManage);
    EXPECT_EQ(MessageOf(status).find(key), std::string_view::npos);
    EXPECT_EQ(MessageOf(status).find("admin-key"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace lineal::server
