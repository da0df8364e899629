#include "engine/lineage/model_registry.h"

#include <gtest/gtest.h>

#include "base/executor.h"
#include "engine/lineage/audit_leaf.h"
#include "engine/lineage/audit_records.h"
#include "engine/payload/codec.h"
#include "storage/log/change_log_fixture.h"
#include "storage/meta/local_meta_store.h"
#include "storage/meta/memory_meta_store.h"

namespace lineal::engine {
namespace {

using storage::MemoryMetaStore;

// A registry over records in memory.
struct Registry {
  AuditLog audit{&meta, &clock};
  LocalModelRegistry models{&meta, &audit, &clock};

  void Create(const std::string& name, ModelTags tags = {}) {
    ASSERT_TRUE(models.CreateModel({.name = name, .tags = std::move(tags)}, "").ok()) << name;
  }
  uint64_t Add(const std::string& model, ModelTags tags = {}, const std::string& source = "s3://bucket/m") {
    const auto made = models.CreateVersion({.id = {model}, .source = source, .tags = std::move(tags)}, "ann");
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->id.number : 0;
  }
  // "KIND SUBJECT PRINCIPAL" of the entries of the audit log, in order.
  std::vector<std::string> Entries() {
    std::vector<std::string> entries;
    EXPECT_TRUE(meta.List(LeafPrefix(),
                          [&](std::string_view, std::string_view bytes) {
                            const auto leaf = DecodeLeaf(bytes);
                            ASSERT_TRUE(leaf.ok());
                            entries.push_back(leaf->kind + " " + leaf->subject + " " + leaf->principal);
                          })
                    .ok());
    return entries;
  }

  MemoryMetaStore meta;
  FakeClock clock;
};

std::vector<std::string> NamesOf(const absl::StatusOr<ModelPage<RegisteredModel>>& page) {
  std::vector<std::string> names;
  if (page.ok()) {
    for (const RegisteredModel& model : page->items) names.push_back(model.name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(ModelRegistry, NumbersVersionsFromOneAndTellsOfEachChangeInTheAuditLog) {
  Registry registry;
  registry.Create("use-lite", {{"team", "search"}});
  EXPECT_EQ(registry.models.CreateModel({.name = "use-lite"}, "").status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(registry.Add("use-lite"), 1u);
  EXPECT_EQ(registry.Add("use-lite"), 2u);
  const auto found = registry.models.FindVersion({"use-lite", 2});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->source, "s3://bucket/m");
  EXPECT_EQ(found->state, VersionState::kReady);
  EXPECT_EQ(registry.models.FindModel("use-lite")->tags.at("team"), "search");
  EXPECT_EQ(registry.Entries(), (Names{"model.register use-lite ", "model_version.register use-lite/1 ann",
                                       "model_version.register use-lite/2 ann"}));
  EXPECT_EQ(registry.models.FindVersion({"use-lite", 3}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(registry.models.FindVersion({"other", 1}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(registry.models.CreateVersion({.id = {"other"}, .source = "s3://a"}, "").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(ModelRegistry, KeepsModelsApartWhoseNamesBeginAlike) {
  Registry registry;
  const Names names = {"a", "a ", "a@b", "ab", std::string("\xc3\xa9"), "a\\b", "a%"};
  for (const std::string& name : names) {
    registry.Create(name);
    for (size_t i = 0; i < 2; ++i) registry.Add(name, {}, "s3://" + name);
  }
  ASSERT_TRUE(registry.models.DeleteModel("a", "").ok());
  for (size_t i = 1; i < names.size(); ++i) {
    const auto latest = registry.models.LatestVersions(names[i], {});
    ASSERT_TRUE(latest.ok() && latest->size() == 1) << names[i];
    EXPECT_EQ(latest->front().id, (ModelVersionId{names[i], 2}));
    EXPECT_EQ(latest->front().source, "s3://" + names[i]);
  }
}

TEST(ModelRegistry, RefusesBadInputAndChangesNothing) {
  Registry registry;
  registry.Create("m");
  registry.Add("m");
  const auto before = registry.meta.records();
  auto& models = registry.models;
  const std::string long_text(kModelTextMax + 1, 'x');
  const Names bad_names = {
      "", "a/b", "a:b", std::string(kModelNameMax + 1, 'n'), "\xff", "a\nb", std::string("a\0b", 3)};
  for (const std::string& name : bad_names) {
    EXPECT_EQ(models.CreateModel({.name = name}, "").status().code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_EQ(models.RenameModel("m", name, "").status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  for (const std::string& alias : Names{"", "a b", "a/b", "v3", "V12", "Latest", std::string(256, 'a'), "\xff"}) {
    EXPECT_EQ(models.PointAlias({"m", 1}, alias, "").code(), absl::StatusCode::kInvalidArgument) << alias;
  }
  const std::vector<TagChange> bad_tags = {{"", "x"},        {"a*", "x"},   {std::string(251, 'k'), "x"},
                                           {"k", long_text}, {"k", "\xff"}, {"\xff", "x"}};
  for (const TagChange& tag : bad_tags) {
    EXPECT_EQ(models.ChangeModelTag("m", tag, "").code(), absl::StatusCode::kInvalidArgument) << tag.key;
    EXPECT_EQ(models.ChangeVersionTag({"m", 1}, tag, "").code(), absl::StatusCode::kInvalidArgument) << tag.key;
    EXPECT_FALSE(models.CreateModel({.name = "n", .tags = {{tag.key, *tag.value}}}, "").ok());
    EXPECT_FALSE(models.CreateVersion({.id = {"m"}, .source = "s3://a", .tags = {{tag.key, *tag.value}}}, "").ok());
  }
  EXPECT_FALSE(models.DescribeModel("m", long_text, "").ok());
  EXPECT_FALSE(models.DescribeVersion({"m", 1}, "\xff", "").ok());
  EXPECT_FALSE(models.CreateVersion({.id = {"m"}, .source = ""}, "").ok());
  EXPECT_FALSE(models.CreateVersion({.id = {"m"}, .source = std::string(kModelSourceMax + 1, 's')}, "").ok());
  EXPECT_FALSE(models.Withdraw({"m", 1}, "", "").ok());
  EXPECT_FALSE(models.Withdraw({"m", 1}, long_text, "").ok());
  EXPECT_FALSE(models.SetState({"m", 1}, VersionState::kWithdrawn, "", "").ok());
  EXPECT_EQ(registry.meta.records(), before);
}

TEST(ModelRegistry, BoundsTagsAndAliases) {
  Registry registry;
  registry.Create("m");
  registry.Add("m");
  for (size_t i = 0; i < kModelTagsMax; ++i) {
    ASSERT_TRUE(registry.models.ChangeModelTag("m", {std::to_string(i), "x"}, "").ok());
    ASSERT_TRUE(registry.models.PointAlias({"m", 1}, "a" + std::to_string(i), "").ok());
  }
  EXPECT_EQ(registry.models.ChangeModelTag("m", {"more", "x"}, "").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(registry.models.PointAlias({"m", 1}, "more", "").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(registry.models.ChangeModelTag("m", {"7", "y"}, "").ok());
}

TEST(ModelRegistry, GivesANumberOnceUnderOneName) {
  Registry registry;
  registry.Create("m");
  registry.Add("m");
  registry.Add("m");
  ASSERT_TRUE(registry.models.DeleteVersion({"m", 2}, "").ok());
  EXPECT_EQ(registry.Add("m"), 3u);
  ASSERT_TRUE(registry.models.DeleteModel("m", "").ok());
  EXPECT_EQ(registry.models.FindVersion({"m", 1}).status().code(), absl::StatusCode::kNotFound);
  registry.Create("m");
  EXPECT_EQ(registry.Add("m"), 4u);
  // A name that another model had goes on from where either was.
  registry.Create("n");
  registry.Add("n");
  ASSERT_TRUE(registry.models.DeleteModel("m", "").ok());
  ASSERT_TRUE(registry.models.RenameModel("n", "m", "").ok());
  EXPECT_EQ(registry.Add("m"), 5u);
  registry.Create("n");
  EXPECT_EQ(registry.Add("n"), 2u);
}

TEST(ModelRegistry, RenamesWithVersionsAliasesAndMoves) {
  Registry registry;
  registry.Create("old");
  registry.Add("old");
  ASSERT_TRUE(registry.models.PointAlias({"old", 1}, "live", "").ok());
  registry.Create("taken");
  EXPECT_EQ(registry.models.RenameModel("old", "taken", "").status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(registry.models.RenameModel("none", "new", "").status().code(), absl::StatusCode::kNotFound);
  registry.clock.AdvanceMs(5);
  ASSERT_TRUE(registry.models.RenameModel("old", "new", "ann").ok());
  EXPECT_EQ(registry.models.FindModel("old").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(registry.models.FindModel("new")->updated_ms, registry.clock.WallMs());
  const auto found = registry.models.FindByAlias("new", "live");
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->id, (ModelVersionId{"new", 1}));
  EXPECT_EQ(registry.models.AliasMoves("new", "live")->size(), 1u);
  EXPECT_EQ(registry.Entries().back(), "model.rename old ann");
}

TEST(ModelRegistry, LeavesAVersionWithAnEndpointPendingUntilItIsChecked) {
  Registry registry;
  registry.Create("m");
  const ModelTags tags = {{"embedding.endpoint", "http://models/v1/embeddings"}};
  const ModelVersionId good = {"m", registry.Add("m", tags)};
  const ModelVersionId bad = {"m", registry.Add("m", tags)};
  EXPECT_EQ(registry.models.FindVersion(good)->state, VersionState::kPending);
  const auto ready = registry.models.SetState(good, VersionState::kReady, "", "canary");
  ASSERT_TRUE(ready.ok());
  EXPECT_EQ(ready->state, VersionState::kReady);
  ASSERT_TRUE(registry.models.SetState(bad, VersionState::kFailed, "canary 3 has 767 components", "canary").ok());
  EXPECT_EQ(registry.models.FindVersion(bad)->state_message, "canary 3 has 767 components");
  EXPECT_EQ(registry.Entries().back(), "model_version.state m/2 canary");
  EXPECT_EQ(registry.models.PointAlias(bad, "live", "").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(registry.models.MoveToStage(bad, {ModelStage::kProduction}, "").status().code(),
            absl::StatusCode::kFailedPrecondition);
  // A second look is possible.
  EXPECT_TRUE(registry.models.SetState(bad, VersionState::kPending, "", "").ok());
}

TEST(ModelRegistry, AllowsOnlySomeChangesOfState) {
  using S = VersionState;
  const std::vector<S> all = {S::kPending, S::kReady, S::kFailed, S::kDeprecated, S::kWithdrawn};
  const std::vector<std::pair<S, S>> allowed = {{S::kPending, S::kReady},    {S::kPending, S::kFailed},
                                                {S::kFailed, S::kPending},   {S::kReady, S::kDeprecated},
                                                {S::kDeprecated, S::kReady}, {S::kPending, S::kPending}};
  for (const S from : all) {
    for (const S to : all) {
      if (to == S::kWithdrawn) continue;
      Registry registry;
      registry.Create("m");
      const ModelVersionId id = {"m", registry.Add("m", {{"embedding.endpoint", "x"}})};
      auto& models = registry.models;
      const std::vector<S> way = from == S::kDeprecated ? std::vector{S::kReady, from} : std::vector{from};
      for (const S state : way) {
        const auto set = state == S::kWithdrawn ? models.Withdraw(id, "no", "") : models.SetState(id, state, "", "");
        ASSERT_TRUE(set.ok()) << set.status();
      }
      const bool expected = std::ranges::count(allowed, std::pair(from, to)) > 0;
      EXPECT_EQ(models.SetState(id, to, "why", "").ok(), expected) << NameOf(from) << " to " << NameOf(to);
      EXPECT_EQ(models.FindVersion(id)->state, expected ? to : from);
    }
  }
}

TEST(ModelRegistry, KeepsWhatIsWithdrawnWithdrawn) {
  Registry registry;
  registry.Create("m");
  const ModelVersionId id = {"m", registry.Add("m")};
  const auto withdrawn = registry.models.Withdraw(id, "licence revoked", "ann");
  ASSERT_TRUE(withdrawn.ok());
  EXPECT_EQ(withdrawn->state, VersionState::kWithdrawn);
  EXPECT_EQ(registry.models.FindVersion(id)->state_message, "licence revoked");
  EXPECT_EQ(registry.Entries().back(), "model_version.withdraw m/1 ann");
  const auto before = registry.meta.records();
  EXPECT_TRUE(registry.models.Withdraw(id, "licence revoked", "bob").ok());
  for (const absl::Status& status :
       {registry.models.Withdraw(id, "another", "").status(), registry.models.PointAlias(id, "live", ""),
        registry.models.SetState(id, VersionState::kReady, "", "").status(),
        registry.models.MoveToStage(id, {ModelStage::kStaging}, "").status(), registry.models.DeleteVersion(id, ""),
        registry.models.DeleteModel("m", "")}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_NE(status.message().find("licence revoked"), std::string::npos) << status;
  }
  EXPECT_EQ(registry.meta.records(), before);
  EXPECT_TRUE(registry.models.MoveToStage(id, {ModelStage::kArchived}, "").ok());
}

TEST(ModelRegistry, LogsHowAliasesMove) {
  Registry registry;
  registry.Create("m");
  for (int i = 0; i < 3; ++i) registry.Add("m");
  auto& models = registry.models;
  const int64_t began = registry.clock.WallMs();
  ASSERT_TRUE(models.PointAlias({"m", 1}, "live", "ann").ok());
  registry.clock.AdvanceMs(10);
  ASSERT_TRUE(models.PointAlias({"m", 2}, "live", "bob").ok());
  ASSERT_TRUE(models.PointAlias({"m", 2}, "live", "eve").ok());  // does not move
  ASSERT_TRUE(models.PointAlias({"m", 2}, "lively", "eve").ok());
  ASSERT_TRUE(models.RemoveAlias("m", "live", "ann").ok());
  ASSERT_TRUE(models.RemoveAlias("m", "live", "ann").ok());  // there is none any more
  ASSERT_TRUE(models.PointAlias({"m", 3}, "live", "ann").ok());
  ASSERT_TRUE(models.DeleteVersion({"m", 3}, "zoe").ok());
  const auto moves = models.AliasMoves("m", "live");
  ASSERT_TRUE(moves.ok());
  std::vector<std::tuple<uint64_t, uint64_t, int64_t, std::string>> said;
  for (const AliasMove& move : *moves) said.emplace_back(move.from, move.to, move.wall_ms - began, move.principal);
  const decltype(said) expected = {
      {0, 1, 0, "ann"}, {1, 2, 10, "bob"}, {2, 0, 10, "ann"}, {0, 3, 10, "ann"}, {3, 0, 10, "zoe"}};
  EXPECT_EQ(said, expected);
  EXPECT_EQ(models.FindByAlias("m", "live")->has_value(), false);
  EXPECT_EQ(models.FindVersion({"m", 2})->aliases, Names{"lively"});
  EXPECT_EQ(models.PointAlias({"m", 9}, "live", "").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(models.PointAlias({"none", 1}, "live", "").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(models.RemoveAlias("none", "live", "").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(models.AliasMoves("m", "never")->size(), 0u);
}

TEST(ModelRegistry, Acceptance11MovesAGuardedAliasOnlyWithAVerdict) {
  Registry registry;
  registry.Create("m", {{"lineal.guarded_aliases", "staging, production"}});
  registry.Add("m");
  const ModelVersionId good = {"m", registry.Add("m", {{"lineal.verdict", "pass"}})};
  const ModelVersionId unsure = {"m", registry.Add("m", {{"lineal.verdict", "inconclusive"}})};
  const auto before = registry.meta.records();
  for (const ModelVersionId& id : {ModelVersionId{"m", 1}, unsure}) {
    for (const char* alias : {"production", "staging"}) {
      const absl::Status refused = registry.models.PointAlias(id, alias, "ann");
      EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
      EXPECT_NE(refused.message().find("lineal.verdict"), std::string::npos) << refused;
    }
  }
  EXPECT_EQ(registry.meta.records(), before);
  EXPECT_TRUE(registry.models.PointAlias({"m", 1}, "try", "ann").ok());
  ASSERT_TRUE(registry.models.PointAlias(good, "production", "ann").ok());
  EXPECT_EQ((*registry.models.FindByAlias("m", "production"))->id, good);
  EXPECT_EQ(registry.Entries().back(), "alias.move m@production ann");
  // Both reasons are told.
  ASSERT_TRUE(registry.models.Withdraw(unsure, "leaks", "").ok());
  const absl::Status both = registry.models.PointAlias(unsure, "production", "ann");
  EXPECT_NE(both.message().find("leaks"), std::string::npos);
  EXPECT_NE(both.message().find("lineal.verdict"), std::string::npos);
  EXPECT_EQ((*registry.models.FindByAlias("m", "production"))->id, good);
}

TEST(ModelRegistry, MovesStagesAndArchivesWhatWasThere) {
  Registry registry;
  registry.Create("m");
  for (int i = 0; i < 4; ++i) registry.Add("m");
  auto& models = registry.models;
  ASSERT_TRUE(models.MoveToStage({"m", 1}, {ModelStage::kProduction}, "").ok());
  ASSERT_TRUE(models.MoveToStage({"m", 2}, {ModelStage::kProduction}, "").ok());
  EXPECT_EQ(models.FindVersion({"m", 1})->stage, ModelStage::kProduction);
  ASSERT_TRUE(models.MoveToStage({"m", 3}, {ModelStage::kProduction, true}, "").ok());
  EXPECT_EQ(models.FindVersion({"m", 1})->stage, ModelStage::kArchived);
  EXPECT_EQ(models.FindVersion({"m", 2})->stage, ModelStage::kArchived);
  const auto latest = models.LatestVersions("m", {});
  ASSERT_TRUE(latest.ok());
  std::map<ModelStage, uint64_t> numbers;
  for (const ModelVersion& version : *latest) numbers[version.stage] = version.id.number;
  const std::map<ModelStage, uint64_t> expected = {
      {ModelStage::kNone, 4}, {ModelStage::kProduction, 3}, {ModelStage::kArchived, 2}};
  EXPECT_EQ(numbers, expected);
  EXPECT_EQ(models.LatestVersions("m", {ModelStage::kStaging})->size(), 0u);
  EXPECT_EQ(models.LatestVersions("none", {}).status().code(), absl::StatusCode::kNotFound);
}

TEST(ModelRegistry, FindsByNameTagRunAndSourcePageByPage) {
  Registry registry;
  for (const char* name : {"beta", "alpha", "Alpine", "gamma_1"}) registry.Create(name, {{"tier", name}});
  registry.Create("a prompt", {{"prompt", "true"}});
  using C = ModelCondition;
  const auto search = [&](std::vector<C> conditions) {
    return NamesOf(registry.models.SearchModels({.conditions = std::move(conditions)}));
  };
  const auto name = [](C::Match match, const char* value) {
    return C{.field = C::Field::kName, .match = match, .values = {value}};
  };
  EXPECT_EQ(search({}), (Names{"Alpine", "a prompt", "alpha", "beta", "gamma_1"}));
  EXPECT_EQ(search({name(C::Match::kEqual, "beta")}), Names{"beta"});
  EXPECT_EQ(search({name(C::Match::kEqual, "none")}), Names{});
  EXPECT_EQ(search({name(C::Match::kLike, "alp%")}), Names{"alpha"});
  EXPECT_EQ(search({name(C::Match::kLikeAnyCase, "ALP%")}), (Names{"Alpine", "alpha"}));
  EXPECT_EQ(search({name(C::Match::kNotEqual, "beta"), name(C::Match::kLike, "%a")}), Names{"alpha"});
  EXPECT_EQ(search({C{.field = C::Field::kTag, .tag = "tier", .match = C::Match::kNotEqual, .values = {"beta"}}}),
            (Names{"Alpine", "alpha", "gamma_1"}));
  Names all;
  ModelQuery query{.without_tags = {{"prompt", "true"}}, .order = {{ModelOrder::By::kName, true}}, .limit = 3};
  for (bool more = true; more; query.offset += query.limit) {
    const auto page = registry.models.SearchModels(query);
    ASSERT_TRUE(page.ok());
    EXPECT_LE(page->items.size(), 3u);
    for (const std::string& one : NamesOf(page)) all.push_back(one);
    more = page->more;
  }
  EXPECT_EQ(all, (Names{"gamma_1", "beta", "alpha", "Alpine"}));
  query.offset = ~uint64_t{0};
  EXPECT_EQ(registry.models.SearchModels(query)->items.size(), 0u);
}

TEST(ModelRegistry, FindsVersionsAcrossModels) {
  Registry registry;
  registry.Create("a");
  registry.Create("b");
  auto& models = registry.models;
  const auto add = [&](const char* model, const char* run, const char* source) {
    ASSERT_TRUE(models.CreateVersion({.id = {model}, .source = source, .run_id = run}, "").ok());
    registry.clock.AdvanceMs(1);
  };
  add("a", "r1", "s3://x/1");
  add("b", "r2", "s3://x/2");
  add("a", "r3", "hf://y");
  ASSERT_TRUE(models.PointAlias({"a", 2}, "live", "").ok());
  using C = ModelCondition;
  const auto search = [&](ModelQuery query) {
    Names found;
    const auto page = models.SearchVersions(query);
    EXPECT_TRUE(page.ok());
    for (const ModelVersion& version : page->items) {
      found.push_back(version.id.model + std::to_string(version.id.number));
    }
    return found;
  };
  EXPECT_EQ(search({}), (Names{"a2", "a1", "b1"}));
  EXPECT_EQ(search({.order = {{ModelOrder::By::kCreated}}}), (Names{"a1", "b1", "a2"}));
  EXPECT_EQ(search({.order = {{ModelOrder::By::kNumber, true}, {ModelOrder::By::kName, true}}}),
            (Names{"a2", "b1", "a1"}));
  EXPECT_EQ(search({.conditions = {{.field = C::Field::kName, .values = {"a"}}}}), (Names{"a2", "a1"}));
  EXPECT_EQ(search({.conditions = {{.field = C::Field::kName, .values = {"none"}}}}), Names{});
  EXPECT_EQ(search({.conditions = {{.field = C::Field::kRunId, .match = C::Match::kIn, .values = {"r2", "r3"}}}}),
            (Names{"a2", "b1"}));
  EXPECT_EQ(search({.conditions = {{.field = C::Field::kSource, .match = C::Match::kLike, .values = {"s3://x/_"}}}}),
            (Names{"a1", "b1"}));
  EXPECT_EQ(models.SearchVersions({.limit = 1})->items.front().aliases, Names{"live"});
}

TEST(ModelRegistry, ChangesNothingWhenTheCatalogueCannotBeWritten) {
  Registry registry;
  registry.Create("m");
  registry.Add("m");
  const auto before = registry.meta.records();
  registry.meta.Fail(absl::ResourceExhaustedError("full"));
  EXPECT_FALSE(registry.models.CreateVersion({.id = {"m"}, .source = "s3://a"}, "").ok());
  EXPECT_FALSE(registry.models.PointAlias({"m", 1}, "live", "").ok());
  EXPECT_FALSE(registry.models.Withdraw({"m", 1}, "why", "").ok());
  EXPECT_EQ(registry.meta.records(), before);
  registry.meta.Fail(absl::OkStatus());
  EXPECT_EQ(registry.Add("m"), 2u);
}

TEST(ModelRegistry, MakesOneCommitOfEachChange) {
  Registry registry;
  auto commits = [&, last = uint64_t{0}]() mutable {
    const uint64_t made = registry.meta.applied() - last;
    last = registry.meta.applied();
    return made;
  };
  registry.Create("m");
  EXPECT_EQ(commits(), 1u);
  registry.Add("m");
  EXPECT_EQ(commits(), 1u);
  ASSERT_TRUE(registry.models.PointAlias({"m", 1}, "live", "").ok());
  EXPECT_EQ(commits(), 1u);
  ASSERT_TRUE(registry.models.MoveToStage({"m", 1}, {ModelStage::kStaging, true}, "").ok());
  EXPECT_EQ(commits(), 1u);
  ASSERT_TRUE(registry.models.RenameModel("m", "n", "").ok());
  EXPECT_EQ(commits(), 1u);
  ASSERT_TRUE(registry.models.DeleteModel("n", "").ok());
  EXPECT_EQ(commits(), 1u);
  EXPECT_EQ(registry.Entries().size(), 6u);
}

TEST(ModelRegistry, GivesEachOfManyCallersANumberOfItsOwn) {
  Registry registry;
  registry.Create("m");
  Executor executor("test", 3);
  std::vector<uint64_t> numbers(64);
  executor.ParallelFor(numbers.size(), [&](size_t i) {
    numbers[i] = registry.Add("m");
    EXPECT_TRUE(registry.models.PointAlias({"m", numbers[i]}, "live", "").ok());
    EXPECT_TRUE(registry.models.SearchVersions({}).ok());
  });
  std::ranges::sort(numbers);
  for (size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], i + 1);
  const auto moves = registry.models.AliasMoves("m", "live");
  ASSERT_TRUE(moves.ok() && moves->size() == numbers.size());
  uint64_t before = 0;
  for (const AliasMove& move : *moves) {
    EXPECT_EQ(move.from, before);
    before = move.to;
  }
}

class ModelRegistryOnDisk : public storage::ChangeLogFixture {};

TEST_F(ModelRegistryOnDisk, IsThereAfterReopening) {
  for (const bool first : {true, false}) {
    auto log = Open();
    auto meta = storage::LocalMetaStore::Open(directory_.Sub("system"), resources_.get(), log.get());
    ASSERT_TRUE(meta.ok()) << meta.status();
    AuditLog audit(meta->get(), &clock_);
    LocalModelRegistry models(meta->get(), &audit, &clock_);
    if (first) {
      ASSERT_TRUE(models.CreateModel({.name = "m"}, "").ok());
      for (int i = 0; i < 2; ++i) ASSERT_TRUE(models.CreateVersion({.id = {"m"}, .source = "s3://a"}, "").ok());
      ASSERT_TRUE(models.PointAlias({"m", 1}, "live", "ann").ok());
      ASSERT_TRUE(models.Withdraw({"m", 1}, "leaks", "ann").ok());
    } else {
      EXPECT_EQ(models.FindVersion({"m", 1})->state, VersionState::kWithdrawn);
      EXPECT_EQ(models.FindVersion({"m", 1})->state_message, "leaks");
      EXPECT_EQ(models.FindModel("m")->aliases.at("live"), 1u);
      EXPECT_EQ(models.AliasMoves("m", "live")->front().principal, "ann");
      EXPECT_EQ(models.CreateVersion({.id = {"m"}, .source = "s3://a"}, "")->id.number, 3u);
    }
  }
}

}  // namespace
}  // namespace lineal::engine
