#include "server/process/loading_database.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "engine/api/unimplemented_database.h"

namespace lineal::server {
namespace {

class OneCollection : public engine::UnimplementedDatabase {
 public:
  explicit OneCollection(bool* stopped) : stopped_(stopped) {}
  absl::Status CreateCollection(const std::string&, const engine::CollectionSchema&) override { return {}; }
  absl::StatusOr<bool> DropCollection(const std::string&) override { return true; }
  absl::Status AlterCollection(const std::string&, const engine::SchemaChange&) override { return {}; }
  absl::StatusOr<std::vector<std::string>> ListCollections() override { return std::vector<std::string>{"docs"}; }
  absl::StatusOr<std::shared_ptr<engine::Collection>> GetCollection(const std::string& name) override {
    return NotFound("Collection `", name, "` doesn't exist!");
  }
  absl::Status ChangeAliases(const std::vector<engine::AliasChange>&, const std::string&) override { return {}; }
  absl::StatusOr<std::vector<engine::Alias>> ListAliases() override {
    return std::vector<engine::Alias>{{"a", {"docs", "", ""}}};
  }
  std::vector<engine::OptimizerTask> Tasks() override { return {{}}; }
  absl::Status BackupCollection(const std::string&, const std::string&) override { return {}; }
  absl::Status RestoreCollection(const std::string&, const std::string&) override { return {}; }
  absl::Status Ready() override { return {}; }
  void Stop() override { *stopped_ = true; }

 private:
  bool* stopped_;
};

TEST(LoadingDatabase, AnswersUnavailableUntilTheRealOneIsThere) {
  LoadingDatabase database;
  const auto unavailable = absl::StatusCode::kUnavailable;
  EXPECT_EQ(database.Ready().code(), unavailable);
  EXPECT_EQ(database.GetCollection("docs").status().code(), unavailable);
  EXPECT_EQ(database.CreateCollection("docs", {}).code(), unavailable);
  EXPECT_EQ(database.DropCollection("docs").status().code(), unavailable);
  EXPECT_EQ(database.AlterCollection("docs", {}).code(), unavailable);
  EXPECT_EQ(database.ChangeAliases({}, "").code(), unavailable);
  EXPECT_EQ(database.BackupCollection("docs", "x").code(), unavailable);
  EXPECT_EQ(database.RestoreCollection("docs", "x").code(), unavailable);
  EXPECT_EQ(database.ListCollections().status().code(), unavailable);
  EXPECT_EQ(database.ListAliases().status().code(), unavailable);
  EXPECT_TRUE(database.Tasks().empty());
  EXPECT_EQ(database.memory().total_bytes(), 0u);
  database.Stop();
}

TEST(LoadingDatabase, ForwardsEverythingOnceAttached) {
  bool stopped = false;
  LoadingDatabase database;
  database.Attach(std::make_unique<OneCollection>(&stopped));
  EXPECT_TRUE(database.Ready().ok());
  EXPECT_EQ(database.GetCollection("docs").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(database.CreateCollection("docs", {}).ok());
  EXPECT_TRUE(*database.DropCollection("docs"));
  EXPECT_TRUE(database.AlterCollection("docs", {}).ok());
  EXPECT_EQ(database.ListCollections()->size(), 1u);
  EXPECT_EQ(database.ListAliases()->size(), 1u);
  EXPECT_EQ(database.Tasks().size(), 1u);
  database.Stop();
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace lineal::server
