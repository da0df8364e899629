// A database in a directory of its own, for tests to open, close and open again.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/temporary_directory.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"

namespace lineal::engine {

class DatabaseFixture {
 protected:
  DatabaseFixture() {
    options_.directory = directory_.Sub("data");
    options_.optimizer_enabled = false;
  }

  void Open() {
    database_.reset();
    auto opened = LocalDatabase::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
  }
  std::shared_ptr<Collection> Get() { return *database_->GetCollection("c"); }

  // Paths of the data's files whose names begin so.
  std::vector<std::string> Files(std::string_view prefix) const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.directory)) {
      if (entry.path().filename().string().starts_with(prefix)) files.push_back(entry.path().string());
    }
    return files;
  }

  const TemporaryDirectory directory_;
  FakeClock clock_;  // of the database that is told so
  DatabaseOptions options_;
  std::unique_ptr<LocalDatabase> database_;
};

}  // namespace lineal::engine
