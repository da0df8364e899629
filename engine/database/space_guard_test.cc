#include "engine/database/space_guard.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/random.h"
#include "base/status.h"
#include "engine/database/database_fixture.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

using Vector = std::vector<float>;

constexpr uint32_t kDim = 32;
constexpr uint64_t kPoints = 2'000;
constexpr uint64_t kLimit = 10;

class Spaces : public ::testing::Test, protected DatabaseFixture {
 protected:
  Spaces() {
    options_.clock = &clock_;
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.shard_count = 2;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
  }

  SpaceRegistry& registry() { return (*database_->lineage())->spaces(); }
  static SpaceRecipe Recipe(const std::string& version) {
    return {.model = "minilm", .model_version = version, .pooling = "mean", .dim = kDim};
  }
  std::string Register(const SpaceRecipe& recipe, const std::string& name = "") {
    const auto space = registry().Register(recipe, name, "");
    EXPECT_TRUE(space.ok()) << space.status();
    return space.ok() ? space->id : "";
  }
  absl::Status Bind(const std::string& space, SpacePolicy policy = {}) {
    SchemaChange change;
    change.spaces[""] = space;
    change.space_policy = policy;
    return database_->AlterCollection("c", change);
  }

  Vector Any() {
    Vector out(kDim);
    for (float& x : out) x = static_cast<float>(random_.Gaussian());
    return out;
  }
  static PointInput Point(uint64_t id, Vector vector) {
    return {PointId::Number(id), {{"", std::move(vector)}}, Value()};
  }
  absl::StatusOr<WriteResult> Upsert(std::vector<PointInput> points, const SpaceClaim& claim,
                                     const std::string& session_space = "") {
    return Get()->Write(
        {.ops = {UpsertPoints{std::move(points)}}, .context = {.space = session_space}, .claim = claim});
  }
  absl::StatusOr<std::vector<uint64_t>> Nearest(const Vector& query, const SpaceClaim& claim) {
    SearchRequest request;
    request.query = query;
    request.limit = kLimit;
    request.exact = true;
    request.claim = claim;
    request.warnings = warnings_;
    LINEAL_ASSIGN_OR_RETURN(const auto hits, Get()->Search(request));
    std::vector<uint64_t> ids;
    for (const ScoredPoint& hit : hits) ids.push_back(hit.point.id.number());
    return ids;
  }
  // Of the points' contexts: what spaces the rows of the collection are of.
  std::set<std::string> SpacesOfPoints() {
    std::set<std::string> spaces;
    const auto contexts = Get()->CountByContext();
    EXPECT_TRUE(contexts.ok());
    for (const auto& [context, points] : *contexts) {
      if (points > 0) spaces.insert(context.space);
    }
    return spaces;
  }

  lineal::Random random_{7};
  std::shared_ptr<std::vector<std::string>> warnings_ = std::make_shared<std::vector<std::string>>();
};

// What a second model of the same dimension gives: the same texts, turned.
Vector Turned(const Vector& vector) {
  Vector out(vector.size());
  for (size_t i = 0; i < vector.size(); ++i) out[i] = (i % 2 == 0 ? 1.f : -1.f) * vector[(i * 7 + 5) % vector.size()];
  return out;
}

TEST_F(Spaces, Acceptance14QueriesOfAnotherModelFindNothingAndAreRefused) {
  const std::string first = Register(Recipe("1"), "first"), second = Register(Recipe("2"), "second");
  ASSERT_TRUE(Bind(first, {.guard = SpacePolicy::Guard::kWarn}).ok());
  std::vector<PointInput> points;
  for (uint64_t id = 0; id < kPoints; ++id) points.push_back(Point(id, Any()));
  ASSERT_TRUE(Upsert(points, {.space = "first"}).ok());

  // The harm: nothing errs, and next to nothing is found.
  uint64_t found = 0;
  constexpr int kQueries = 50;
  for (int i = 0; i < kQueries; ++i) {
    const Vector text = Any();
    const auto exact = Nearest(text, {.space = first});
    const auto wrong = Nearest(Turned(text), {.space = second});
    ASSERT_TRUE(exact.ok() && wrong.ok()) << exact.status() << wrong.status();
    for (const uint64_t id : *wrong) found += static_cast<uint64_t>(std::ranges::count(*exact, id));
  }
  EXPECT_LT(static_cast<double>(found), 0.05 * kQueries * kLimit);
  EXPECT_EQ(warnings_->size(), static_cast<size_t>(kQueries));

  ASSERT_TRUE(Bind(first).ok());
  const auto refused = Nearest(Any(), {.space = second});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(KindOf(refused.status()), ErrorKind::kConflict);
  const std::string message(MessageOf(refused.status()));
  EXPECT_NE(message.find("model_version `1`"), std::string::npos) << message;
  EXPECT_NE(message.find("model_version `2`"), std::string::npos) << message;
  EXPECT_EQ(Upsert({Point(1, Any())}, {.space = second}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Nearest(Any(), {.space = first}).ok());
  const SpaceGuardCounts counts = Get()->Info()->space_guard;
  EXPECT_EQ(counts.refused, 2u);
  EXPECT_EQ(counts.warned, static_cast<uint64_t>(kQueries));
}

TEST_F(Spaces, VectorsThatNobodyLabelsAreRefusedOrTakenForTheCollections) {
  const std::string space = Register(Recipe("1"));
  ASSERT_TRUE(Bind(space).ok());
  EXPECT_EQ(Upsert({Point(1, Any())}, {}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Nearest(Any(), {}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Upsert({Point(1, Any())}, {}, space).ok()) << "a session says it";

  ASSERT_TRUE(Bind(space, {.unlabelled = SpacePolicy::Unlabelled::kAssume}).ok());
  EXPECT_TRUE(Upsert({Point(2, Any())}, {}).ok());
  EXPECT_TRUE(Nearest(Any(), {}).ok());
  EXPECT_EQ(SpacesOfPoints(), std::set<std::string>{space});
  EXPECT_EQ(Get()->Info()->space_guard.assumed, 2u);
}

TEST_F(Spaces, ChangesThatBringNoVectorsNeedNoSpace) {
  ASSERT_TRUE(Bind(Register(Recipe("1"), "one")).ok());
  ASSERT_TRUE(Upsert({Point(1, Any())}, {.space = "one"}).ok());
  Value payload = Value::EmptyObject();
  payload.Set("a", Value(int64_t{1}));
  const std::vector<PointId> ids = {PointId::Number(1)};
  EXPECT_TRUE(Get()->Write({.ops = {SetPayload{ids, payload, ""}}}).ok());
  SearchRequest like;
  like.query = PointId::Number(1);
  EXPECT_TRUE(Get()->Search(like).ok());
  EXPECT_TRUE(Get()->Write({.ops = {DeletePoints{ids}}}).ok());
}

TEST_F(Spaces, WhereDocumentsAndQueriesHavePrefixesTheRoleIsPartOfTheCall) {
  SpaceRecipe recipe = Recipe("1");
  recipe.document_prefix = "passage: ";
  recipe.query_prefix = "query: ";
  const std::string space = Register(recipe);
  ASSERT_TRUE(Bind(space).ok());
  using Role = SpaceClaim::Role;
  EXPECT_FALSE(Upsert({Point(1, Any())}, {.space = space}).ok());
  EXPECT_FALSE(Upsert({Point(1, Any())}, {.space = space, .role = Role::kQuery}).ok());
  EXPECT_TRUE(Upsert({Point(1, Any())}, {.space = space, .role = Role::kDocument}).ok());
  EXPECT_FALSE(Nearest(Any(), {.space = space, .role = Role::kDocument}).ok());
  EXPECT_TRUE(Nearest(Any(), {.space = space, .role = Role::kQuery}).ok());
  EXPECT_TRUE(Nearest(Any(), {.space = space, .inherited = true}).ok());
}

TEST_F(Spaces, ASpaceFitsOnlyVectorsOfItsDimensionAndMetric) {
  SpaceRecipe narrow = Recipe("1");
  narrow.dim = 8;
  EXPECT_FALSE(Bind(Register(narrow)).ok());
  SpaceRecipe angular = Recipe("1");
  angular.metric = "Cosine";
  EXPECT_FALSE(Bind(Register(angular)).ok());
  EXPECT_EQ(Bind("nobody").code(), absl::StatusCode::kNotFound);
}

TEST_F(Spaces, ACollectionWithPointsOfAnotherSpaceTakesNoOther) {
  const std::string first = Register(Recipe("1")), second = Register(Recipe("2"));
  ASSERT_TRUE(Upsert({Point(1, Any())}, {.space = first}).ok());
  EXPECT_EQ(KindOf(Bind(second)), ErrorKind::kConflict);
  EXPECT_TRUE(Bind(first).ok());
  ASSERT_TRUE(Get()->Write({.ops = {DeletePoints{std::vector{PointId::Number(1)}}}}).ok());
  EXPECT_TRUE(Bind(second).ok());
}

TEST_F(Spaces, OutliveARestart) {
  const std::string space = Register(Recipe("1"), "one");
  ASSERT_TRUE(Bind(space, {.unlabelled = SpacePolicy::Unlabelled::kAssume}).ok());
  ASSERT_TRUE(
      registry().SetCanaries(space, {"http://e/v1/embeddings", "m", {{"a text", true, Any()}}, 0.99}, "me").ok());
  ASSERT_TRUE(registry().SetState(space, SpaceState::kSuspect, "turned", 0.5, "").ok());
  Open();
  const auto found = registry().Find("one");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->id, space);
  EXPECT_EQ(found->recipe, Recipe("1"));
  EXPECT_EQ(found->state, SpaceState::kSuspect);
  EXPECT_EQ(found->last_cosine, 0.5);
  const auto canaries = registry().CanariesOf(space);
  ASSERT_TRUE(canaries.ok());
  ASSERT_EQ(canaries->canaries.size(), 1u);
  EXPECT_EQ(canaries->canaries[0].text, "a text");
  EXPECT_EQ(canaries->canaries[0].vector.size(), kDim);
  EXPECT_EQ(Get()->Info()->schema.vectors[""].space, space);
  EXPECT_EQ(Get()->Info()->schema.spaces.unlabelled, SpacePolicy::Unlabelled::kAssume);
}

TEST_F(Spaces, Acceptance16NoSequenceOfCallsLeavesRowsOfTwoSpacesInOneVector) {
  std::vector<std::string> spaces;
  for (const char* version : {"1", "2", "3"}) spaces.push_back(Register(Recipe(version)));
  ASSERT_TRUE(Bind(spaces[0]).ok());
  const std::string backup = directory_.Sub("backup");
  int restored = 0, written = 0, bound = 0;
  for (int step = 0; step < 1'500; ++step) {
    const std::string& some = spaces[random_.Below(spaces.size())];
    switch (random_.Below(8)) {
      case 0:
        bound += Bind(some, {.unlabelled = random_.Below(3) == 0 ? SpacePolicy::Unlabelled::kAssume
                                                                 : SpacePolicy::Unlabelled::kRefuse})
                     .ok();
        break;
      case 1: {
        std::vector<PointId> ids;
        for (uint64_t id = 0; id < 20; ++id) {
          if (random_.Below(20) != 0) ids.push_back(PointId::Number(id));
        }
        ASSERT_TRUE(Get()->Write({.ops = {DeletePoints{ids}}}).ok());
        break;
      }
      case 2: {
        if (!random_.OneIn(6)) break;
        std::filesystem::remove_all(backup);
        ASSERT_TRUE(database_->BackupCollection("c", backup).ok());
        ASSERT_TRUE(*database_->DropCollection("c"));
        ASSERT_TRUE(database_->RestoreCollection("c", backup).ok());
        ++restored;
        break;
      }
      case 3:
        (void)Get()->Write({.ops = {UpdateVectors{{Point(random_.Below(20), Any())}}}, .claim = {.space = some}});
        break;
      case 4:
        written += Upsert({Point(random_.Below(20), Any())}, {}).ok();
        break;
      case 5:
        written += Upsert({Point(random_.Below(20), Any())}, {}, some).ok();
        break;
      default:
        written += Upsert({Point(random_.Below(20), Any())}, {.space = some}).ok();
    }
    ASSERT_LE(SpacesOfPoints().size(), 1u) << "step " << step;
  }
  EXPECT_GT(restored, 15);
  EXPECT_GT(written, 100);
  EXPECT_GT(bound, 20);
}

}  // namespace
}  // namespace lineal::engine
