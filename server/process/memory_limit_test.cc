#include "server/process/memory_limit.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/temporary_directory.h"

namespace lineal::server {
namespace {

class MemoryLimitTest : public testing::Test {
 protected:
  void Group(const std::string& path, const std::string& limit) {
    std::filesystem::create_directories(root_ + path);
    std::ofstream(root_ + path + "/memory.max") << limit << "\n";
  }
  const TemporaryDirectory directory_;
  const std::string& root_ = directory_.path();
};

TEST_F(MemoryLimitTest, IsTheLeastOfTheGroupAndThoseAboveIt) {
  Group("/system.slice", "max");
  Group("/system.slice/lineal.service", "1073741824");
  EXPECT_EQ(ControlGroupLimit("0::/system.slice/lineal.service\n", root_), 1u << 30);
  Group("/system.slice", "536870912");
  EXPECT_EQ(ControlGroupLimit("0::/system.slice/lineal.service\n", root_), 1u << 29);
  EXPECT_EQ(ControlGroupLimit("0::/system.slice\n", root_), 1u << 29);
}

TEST_F(MemoryLimitTest, IsNoneWhereNobodySetOne) {
  Group("/a", "max");
  EXPECT_EQ(ControlGroupLimit("0::/a\n", root_), 0u);
  EXPECT_EQ(ControlGroupLimit("0::/not/there\n", root_), 0u);
  EXPECT_EQ(ControlGroupLimit("0::/\n", root_), 0u);
  EXPECT_EQ(ControlGroupLimit("4:memory:/a\n", root_), 0u) << "version 1";
  EXPECT_EQ(ControlGroupLimit("", root_), 0u);
}

TEST_F(MemoryLimitTest, OfAContainerIsThatOfItsRoot) {
  Group("", "1000000");
  EXPECT_EQ(ControlGroupLimit("0::/\n", root_), 1'000'000u);
}

TEST_F(MemoryLimitTest, WhatIsConfiguredGoesBefore) { EXPECT_EQ(MemoryLimit(77), 77u); }

}  // namespace
}  // namespace lineal::server
