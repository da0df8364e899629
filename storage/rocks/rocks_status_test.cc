#include "storage/rocks/rocks_status.h"

#include "base/status.h"
#include "gtest/gtest.h"
#include "rocksdb/status.h"

namespace lineal::storage {
namespace {

TEST(RocksStatus, TellsAFullDiskFromDamageFromABrokenOne) {
  EXPECT_TRUE(FromRocks(rocksdb::Status::OK(), "x").ok());
  EXPECT_EQ(KindOf(FromRocks(rocksdb::Status::NoSpace(), "x")), ErrorKind::kDiskFull);
  EXPECT_EQ(KindOf(FromRocks(rocksdb::Status::SpaceLimit(), "x")), ErrorKind::kDiskFull);
  EXPECT_EQ(FromRocks(rocksdb::Status::Corruption("c"), "x").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(FromRocks(rocksdb::Status::IOError("c"), "x").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(FromRocks(rocksdb::Status::NotFound("c"), "x").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(FromRocks(rocksdb::Status::InvalidArgument("c"), "x").code(), absl::StatusCode::kInternal);
  EXPECT_EQ(MessageOf(FromRocks(rocksdb::Status::IOError("why"), "open /d")), "open /d: IO error: why");
}

}  // namespace
}  // namespace lineal::storage
