// A directory of its own for each test, and what a change log needs to stand in it.
#pragma once

#include <unistd.h>

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/status.h"
#include "gtest/gtest.h"
#include "storage/log/change_log.h"

namespace lineal::storage {

class TestDirectory {
 public:
  TestDirectory() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    path_ = StrCat(testing::TempDir(), "/lineal-", ::getpid(), "-", info->test_suite_name(), "-", info->name());
    EXPECT_TRUE(PosixFileSystem()->Remove(path_).ok());
    EXPECT_TRUE(PosixFileSystem()->CreateDirectories(path_).ok());
  }
  ~TestDirectory() { EXPECT_TRUE(PosixFileSystem()->Remove(path_).ok()); }
  std::string Sub(std::string_view name) const { return StrCat(path_, "/", name); }

 private:
  std::string path_;
};

}  // namespace lineal::storage
