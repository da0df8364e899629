// A directory of its own for each test, gone when the test ends.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/status.h"
#include "gtest/gtest.h"

namespace lineal::storage {

class TestDirectory {
 public:
  TestDirectory() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    path_ = StrCat(testing::TempDir(), "lineal-", ::getpid(), "-", info->test_suite_name(), "-", info->name());
    EXPECT_TRUE(PosixFileSystem()->Remove(path_).ok());
    EXPECT_TRUE(PosixFileSystem()->CreateDirectories(path_).ok());
  }
  ~TestDirectory() { EXPECT_TRUE(PosixFileSystem()->Remove(path_).ok()); }
  const std::string& path() const { return path_; }
  std::string Sub(std::string_view name) const { return StrCat(path_, "/", name); }

 private:
  std::string path_;
};

}  // namespace lineal::storage
