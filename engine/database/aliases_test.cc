#include <gtest/gtest.h>

#include "base/status.h"
#include "engine/api/impact.h"
#include "engine/database/database_fixture.h"

namespace lineal::engine {
namespace {

class Aliases : public ::testing::Test, protected DatabaseFixture {
 protected:
  Aliases() {
    options_.clock = &clock_;
    Open();
    Make("c");
  }
  void Make(const std::string& name) {
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = 2, .metric = Metric::kEuclid};
    ASSERT_TRUE(database_->CreateCollection(name, schema).ok());
  }
  absl::Status Point(const std::string& alias, AliasTarget target, const std::string& principal = "") {
    return database_->ChangeAliases({CreateAlias{alias, std::move(target)}}, principal);
  }
  absl::Status Put(const std::string& name, uint64_t id, const std::string& space = "") {
    LINEAL_ASSIGN_OR_RETURN(auto collection, database_->GetCollection(name));
    return collection
        ->Write({.ops = {UpsertPoints{{{PointId::Number(id), {{"", {1, 2}}}, Value()}}}}, .claim = {.space = space}})
        .status();
  }
  uint64_t PointsIn(const std::string& name) { return *(*database_->GetCollection(name))->Count({}); }
  std::string Register(const std::string& model, const std::string& version, uint32_t cut_from = 0) {
    const auto space =
        (*database_->lineage())
            ->spaces()
            .Register({.model = model, .model_version = version, .dim = 2, .cut_from = cut_from}, "", "");
    return space.ok() ? space->id : "";
  }
  absl::Status Bind(const std::string& collection, const std::string& space) {
    SchemaChange change;
    change.spaces[""] = space;
    return database_->AlterCollection(collection, change);
  }
};

TEST_F(Aliases, OfATagShowWhatWasTaggedAndTakeNoWrites) {
  ASSERT_TRUE(Put("c", 1).ok());
  ASSERT_TRUE(Get()->Tag("v1", 0, "").ok());
  ASSERT_TRUE(Put("c", 2).ok());
  EXPECT_EQ(Point("prod", {"c", "none", ""}).code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(Point("prod", {"c", "v1", ""}).ok());
  EXPECT_EQ(PointsIn("prod"), 1u);
  EXPECT_EQ(PointsIn("c"), 2u);
  EXPECT_EQ(KindOf(Put("prod", 3)), ErrorKind::kConflict);
  SearchRequest search;
  search.query = std::vector<float>{1, 2};
  EXPECT_EQ((*database_->GetCollection("prod"))->Search(search)->size(), 1u);
  Open();
  EXPECT_EQ(PointsIn("prod"), 1u);
}

TEST_F(Aliases, HoldTheirTags) {
  ASSERT_TRUE(Put("c", 1).ok());
  ASSERT_TRUE(Get()->Tag("v1", 0, "").ok());
  ASSERT_TRUE(Point("a", {"c", "v1", ""}).ok());
  ASSERT_TRUE(Point("b", {"c", "v1", ""}).ok());
  EXPECT_EQ(KindOf(Get()->Untag("v1", "").status()), ErrorKind::kConflict);
  ASSERT_TRUE(Point("a", {"c", "", ""}).ok());
  Open();
  EXPECT_EQ(KindOf(Get()->Untag("v1", "").status()), ErrorKind::kConflict);
  ASSERT_TRUE(database_->ChangeAliases({DeleteAlias{"b"}}, "").ok());
  EXPECT_TRUE(*Get()->Untag("v1", ""));
}

TEST_F(Aliases, SayWhoMovedThemWhenAndFromWhere) {
  Make("d");
  ASSERT_TRUE(Point("prod", {"c", "", ""}, "ann").ok());
  clock_.AdvanceMs(1'000);
  ASSERT_TRUE(Point("prod", {"d", "", ""}, "bob").ok());
  ASSERT_TRUE(Point("prod", {"d", "", ""}, "bob").ok()) << "moves nothing";
  ASSERT_TRUE(*database_->DropCollection("d"));
  Open();
  const auto moves = database_->AliasMoves("prod");
  ASSERT_TRUE(moves.ok());
  ASSERT_EQ(moves->size(), 3u);
  EXPECT_EQ((*moves)[0].from, std::nullopt);
  EXPECT_EQ((*moves)[0].to->collection, "c");
  EXPECT_EQ((*moves)[0].principal, "ann");
  EXPECT_EQ((*moves)[1].from->collection, "c");
  EXPECT_EQ((*moves)[1].to->collection, "d");
  EXPECT_EQ((*moves)[1].principal, "bob");
  EXPECT_EQ((*moves)[1].wall_ms, (*moves)[0].wall_ms + 1'000);
  EXPECT_EQ((*moves)[2].to, std::nullopt);
  EXPECT_EQ(database_->AliasMoves("pro").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(Aliases, Acceptance17ThoseWhoOnlySendVectorsAreOfTheSpaceOfTheirAlias) {
  const std::string space = Register("m", "1"), other = Register("m", "2");
  ASSERT_TRUE(Bind("c", space).ok());
  EXPECT_EQ(KindOf(Put("c", 1)), ErrorKind::kConflict);
  ASSERT_TRUE(Point("docs", {"c", "", space}).ok());
  EXPECT_TRUE(Put("docs", 1).ok());
  SearchRequest search;
  search.query = std::vector<float>{1, 2};
  EXPECT_TRUE((*database_->GetCollection("docs"))->Search(search).ok());
  ASSERT_TRUE(Point("docs", {"c", "", other}).ok());
  EXPECT_EQ(KindOf(Put("docs", 1)), ErrorKind::kConflict);
  EXPECT_EQ(KindOf((*database_->GetCollection("docs"))->Search(search).status()), ErrorKind::kConflict);
}

TEST_F(Aliases, Acceptance32WithdrawingAModelSaysWhatStandsOnItAndStopsItsWrites) {
  constexpr int kCollections = 50, kVersions = 6;
  ModelRegistry& models = (*database_->lineage())->models();
  ASSERT_TRUE(models.CreateModel({.name = "m"}, "").ok());
  std::vector<std::string> spaces;
  for (int v = 1; v <= kVersions; ++v) {
    ASSERT_TRUE(models.CreateVersion({.id = {"m"}, .source = "s3://m"}, "").ok());
    spaces.push_back(Register("m", std::to_string(v)));
  }
  const std::string cut = Register("m", "3", 8);
  std::set<std::string> expected, expected_aliases;
  uint64_t points = 0;
  for (int i = 0; i < kCollections; ++i) {
    const std::string name = "k" + std::to_string(i);
    Make(name);
    const bool of_cut = i % 10 == 9;
    const std::string& space = of_cut ? cut : spaces[static_cast<size_t>(i % kVersions)];
    ASSERT_TRUE(Bind(name, space).ok());
    for (int p = 0; p <= i % 3; ++p) ASSERT_TRUE(Put(name, static_cast<uint64_t>(p), space).ok());
    ASSERT_TRUE(Point("alias-" + name, {name, "", ""}).ok());
    if (!of_cut && i % kVersions != 2) continue;
    expected.insert(name);
    expected_aliases.insert("alias-" + name);
    points += static_cast<uint64_t>(i % 3 + 1);
  }
  ASSERT_TRUE(Point("incoming", {"c", "", spaces[2]}).ok());
  expected_aliases.insert("incoming");

  const auto impact = ImpactOf(*database_, "m", "3");
  ASSERT_TRUE(impact.ok()) << impact.status();
  std::set<std::string> found, found_aliases;
  for (const auto& field : impact->fields) {
    EXPECT_TRUE(field.bound);
    found.insert(field.collection);
  }
  for (const Alias& alias : impact->aliases) found_aliases.insert(alias.name);
  EXPECT_EQ(found, expected);
  EXPECT_EQ(found_aliases, expected_aliases);
  EXPECT_EQ(impact->points, points);
  EXPECT_EQ(impact->spaces.size(), 2u);

  ASSERT_TRUE(models.Withdraw({"m", 3}, "leaks", "ann").ok());
  const absl::Status refused = Put("k2", 1, spaces[2]);
  EXPECT_EQ(KindOf(refused), ErrorKind::kConflict);
  EXPECT_NE(refused.message().find("leaks"), std::string::npos);
  SearchRequest search;
  search.query = std::vector<float>{1, 2};
  search.claim.space = spaces[2];
  search.warnings = std::make_shared<std::vector<std::string>>();
  EXPECT_TRUE((*database_->GetCollection("k2"))->Search(search).ok());
  ASSERT_EQ(search.warnings->size(), 1u);
  EXPECT_NE(search.warnings->front().find("leaks"), std::string::npos);
  EXPECT_EQ(KindOf(Point("new", {"c", "", spaces[2]})), ErrorKind::kConflict);
  EXPECT_TRUE(Put("k1", 1, spaces[1]).ok());
}

}  // namespace
}  // namespace lineal::engine
